// Writes and reads blocks of a small file in random order.
// shows: seek, read and write anywhere in a small file.
#include "pattern.h"

TEST
{
    write_in_disorder("bazzle", 25, SMALL / 25);
}
