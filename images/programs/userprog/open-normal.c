// Opens a file.
// shows: open returns a descriptor of 2 or above.
// needs: sample.txt
#include <test.h>

TEST
{
    CHECK(open("sample.txt") >= 2, "open \"sample.txt\"");
}
