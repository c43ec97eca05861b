// Creates a large file and reads it.
// shows: a new large file holds zeros.
#include "pattern.h"

TEST
{
    CHECK(create("blargle", LARGE), "create \"blargle\"");
    check_file("blargle", contents, LARGE);
}
