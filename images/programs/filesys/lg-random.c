// Writes and reads blocks of a large file in random order.
// shows: seek, read and write anywhere in a large file.
#include "pattern.h"

TEST
{
    write_in_disorder("bazzle", 512, 146);
}
