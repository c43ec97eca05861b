// Makes a file, writes it through a mapping and exits with 3, without munmap; a
// child of mmap-exit.
// shows: a mapping may be left to the end of its process.
#include "mmap.h"

int main(void)
{
    make_file("sample", NULL, SAMPLE_SIZE);
    must_map("sample", AREA);
    memcpy(AREA, sample, SAMPLE_SIZE);
    return 3;
}
