// Creates a file.
// shows: create makes a file.
#include <test.h>

TEST
{
    CHECK(create("quux.dat", 0), "create quux.dat");
}
