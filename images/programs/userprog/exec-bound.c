// Gives exec a command line that lies on two pages.
// shows: strings are read across a page border.
// needs: child-args
#include <test.h>

TEST
{
    msg("child's status is %d", run(string_across_boundary("child-args one two three")));
}
