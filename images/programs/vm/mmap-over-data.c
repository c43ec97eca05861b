// Maps a file over the program's data.
// shows: a mapping cannot replace data, touched or not.
// needs: sample.txt
#include "mmap.h"

static char data = 'x';
static char bss[16 * PAGE_SIZE];

static void *page_of(void *address)
{
    __asm__ volatile("" : "+r"(address) : : "memory");
    return (void *)((uintptr_t)address / PAGE_SIZE * PAGE_SIZE);
}

TEST
{
    int fd = must_open("sample.txt");
    CHECK(mmap(fd, page_of(&data)) == MAP_FAILED, "mmap over data");
    CHECK(mmap(fd, page_of(bss + 8 * PAGE_SIZE)) == MAP_FAILED, "mmap over untouched .bss");
    REQUIRE(load(&data) == 'x', "the data changed");
}
