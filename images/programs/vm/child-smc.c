// The same as smc-evict with numbers of its own, by its argument; a child of
// smc-procs.
// shows: a process runs the code that itself wrote.
#include "smc-evict.h"

int main(int argc, char *argv[])
{
    check_eviction(argc > 1 ? (uint32_t)atoi(argv[1]) * 1000000 : 0, 10);
    return 33;
}
