// Creates a file with a size and reads it.
// shows: a new file has the size that was asked for and holds zeros.
#include <test.h>

TEST
{
    static const char zeros[6000];
    CHECK(create("zeros", sizeof zeros), "create \"zeros\"");
    check_file("zeros", zeros, sizeof zeros);
}
