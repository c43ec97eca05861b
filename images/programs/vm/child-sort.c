// Sorts the bytes of the file that its argument names, in static memory, and
// exits with 42; a child of the page-merge tests.
// shows: a program with 128 KiB of data reads, changes and writes a file.
#include "sort-file.h"

static uint8_t buffer[MAX_SIZE];

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a file's name is needed");
    sort_file(argv[1], buffer, sort_bytes);
    return 42;
}
