// Writes a small file in blocks of random sizes.
// shows: writes of any size make up a file.
#include "pattern.h"

TEST
{
    write_in_sequence("nibble", SMALL, random_blocks);
}
