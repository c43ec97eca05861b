// Maps the keyboard.
// shows: the keyboard cannot be mapped.
#include "mmap.h"

TEST
{
    CHECK(mmap(STDIN_FILENO, AREA) == MAP_FAILED, "mmap of descriptor 0");
}
