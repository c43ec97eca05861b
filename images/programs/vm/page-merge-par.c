// Sorts 1 MiB in 8 pieces, with eight children at once.
// shows: data, files and children together under memory pressure, in parallel.
// needs: child-sort
#include "merge.h"

TEST
{
    merge_sort("child-sort", 8, ALL_AT_ONCE);
}
