// Creates a file that is there already.
// shows: create does not replace a file.
#include <test.h>

TEST
{
    CHECK(create("quux.dat", 0), "create quux.dat");
    CHECK(create("warble.dat", 0), "create warble.dat");
    CHECK(!create("quux.dat", 0), "try to create quux.dat again");
    CHECK(create("baffle.dat", 0), "create baffle.dat");
    CHECK(!create("warble.dat", 0), "try to create warble.dat again");
}
