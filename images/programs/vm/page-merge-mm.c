// Sorts 1 MiB in 8 pieces, with eight children that map their files.
// shows: data, mapped files and children together under memory pressure, in parallel.
// needs: child-sort-mm
#include "merge.h"

TEST
{
    merge_sort("child-sort-mm", 8, ALL_AT_ONCE);
}
