// Maps the console.
// shows: the console cannot be mapped.
#include "mmap.h"

TEST
{
    CHECK(mmap(STDOUT_FILENO, AREA) == MAP_FAILED, "mmap of descriptor 1");
}
