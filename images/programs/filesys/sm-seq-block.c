// Writes a small file in blocks of one size.
// shows: writes of partial sectors make up a file.
#include "pattern.h"

TEST
{
    write_in_sequence("nibble", SMALL, blocks_of_1234);
}
