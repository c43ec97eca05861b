// Creates a file whose name lies on two pages.
// shows: create reads its name across a page border.
#include <test.h>

TEST
{
    CHECK(create(string_across_boundary("quux.dat"), 0), "create quux.dat");
    CHECK(open("quux.dat") > 1, "open quux.dat");
}
