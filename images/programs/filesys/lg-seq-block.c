// Writes a large file in blocks of one size.
// shows: writes of partial sectors make up a large file.
#include "pattern.h"

TEST
{
    write_in_sequence("noodle", LARGE, blocks_of_1234);
}
