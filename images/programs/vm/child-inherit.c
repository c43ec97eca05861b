// Stores to the address of its parent's mapping; a child of mmap-inherit.
// shows: nothing is mapped in a new process but its own program.
#include "mmap.h"

int main(void)
{
    store(AREA, 'x');
    fail("the parent's mapping is here");
}
