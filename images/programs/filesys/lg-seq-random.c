// Writes a large file in blocks of random sizes.
// shows: writes of any size make up a large file.
#include "pattern.h"

TEST
{
    write_in_sequence("nibble", LARGE, random_blocks);
}
