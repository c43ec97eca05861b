// Creates a small file and reads it.
// shows: a new small file holds zeros.
#include "pattern.h"

TEST
{
    CHECK(create("blargle", SMALL), "create \"blargle\"");
    check_file("blargle", contents, SMALL);
}
