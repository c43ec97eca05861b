// Removes files: one that is there, one that is not, one that is open.
// shows: remove deletes the name at once, and fails for a missing file.
#include <test.h>

TEST
{
    CHECK(!remove("no-such-file"), "remove a missing file fails");
    CHECK(create("short-lived", 10), "create \"short-lived\"");
    CHECK(remove("short-lived"), "remove it");
    CHECK(open("short-lived") == -1, "it cannot be opened");
    CHECK(!remove("short-lived"), "nor removed again");
    CHECK(create("short-lived", 20), "but created again");
    CHECK(filesize(must_open("short-lived")) == 20, "with a new size");
}
