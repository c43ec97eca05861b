// Sorts 1 MiB in 16 pieces, with one child after the other.
// shows: data, files and children together under memory pressure, in sequence.
// needs: child-sort
#include "merge.h"

TEST
{
    merge_sort("child-sort", 16, ONE_BY_ONE);
}
