// Reads a text file and compares it, with its size.
// shows: read returns what the file holds.
// needs: sample.txt
#include "sample.h"

TEST
{
    check_file("sample.txt", sample, sizeof sample - 1);
}
