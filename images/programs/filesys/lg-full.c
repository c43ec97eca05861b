// Writes a large file in one call.
// shows: a large file is written and read.
#include "pattern.h"

TEST
{
    write_in_sequence("quux", LARGE, all_at_once);
}
