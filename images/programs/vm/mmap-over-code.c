// Maps a file over the program's code.
// shows: a mapping cannot replace code.
// needs: sample.txt
#include "mmap.h"

int main(void);

TEST
{
    uintptr_t page = (uintptr_t)main / PAGE_SIZE * PAGE_SIZE;
    int fd = must_open("sample.txt");
    CHECK(mmap(fd, (void *)page) == MAP_FAILED, "mmap over main()");
}
