// Opens a file whose name lies on two pages.
// shows: open reads its name across a page border.
// needs: sample.txt
#include <test.h>

TEST
{
    CHECK(open(string_across_boundary("sample.txt")) > 1, "open \"sample.txt\"");
}
