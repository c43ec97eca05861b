// Sorts 1 MiB in 8 pieces, with eight children that have them on the stack.
// shows: large stacks are paged as all other memory.
// needs: child-qsort
#include "merge.h"

TEST
{
    merge_sort("child-qsort", 8, ALL_AT_ONCE);
}
