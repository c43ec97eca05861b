// Has ten children write one piece each of a file at once.
// shows: processes that write to the same file do not disturb each other.
// needs: child-syn-wrt
#include "sync.h"

TEST
{
    make_contents();
    CHECK(create("data", sizeof contents), "create \"data\"");
    run_children("child-syn-wrt");
    check_file("data", contents, sizeof contents);
}
