// Has ten children read one file at once.
// shows: processes that read the same file do not disturb each other.
// needs: child-syn-read
#include "sync.h"

TEST
{
    make_contents();
    CHECK(create("data", sizeof contents), "create \"data\"");
    int fd = must_open("data");
    CHECK(write(fd, contents, sizeof contents) == sizeof contents, "write \"data\"");
    close(fd);
    run_children("child-syn-read");
}
