// Writes a small file in one call.
// shows: a small file is written and read.
#include "pattern.h"

TEST
{
    write_in_sequence("quux", SMALL, all_at_once);
}
