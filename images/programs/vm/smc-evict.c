// Writes code into 64 pages, has them evicted by 1 MiB of data, calls them, and
// writes other code there; ten times.
// shows: code is right after eviction, and old translations of a frame are never run.
#include "smc-evict.h"

TEST
{
    check_eviction(5000, 10);
    msg("1,280 calls were right");
}
