// Fills an object of 64 KiB on the stack.
// shows: the stack grows by many pages.
#include "stack.h"

TEST
{
    char object[65536];
    fill_and_check(object, sizeof object, 2);
}
