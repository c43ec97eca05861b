// Tries names of 14, 15 and 500 bytes.
// shows: names have at most 14 bytes, and longer ones are refused.
#include <test.h>

TEST
{
    char name[512];
    memset(name, 'x', sizeof name);
    name[500] = '\0';
    CHECK(!create(name, 0), "500 bytes are too many");
    name[15] = '\0';
    CHECK(!create(name, 0), "15 bytes are too many");
    name[14] = '\0';
    CHECK(create(name, 0), "14 bytes are not");
    CHECK(open(name) > 1, "open it");
}
