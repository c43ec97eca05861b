// Has a child read a file into pages that it shares copy-on-write, at and across
// borders, and write from them.
// shows: the kernel copies on write too, and does not copy for what it reads.
#include <pages.h>

#define PAGES 8

static uint8_t bytes[3 * PAGE_SIZE];

static int be_child(int fd, bool room)
{
    unsigned frame = physical(AREA + PAGE_SIZE);
    int scratch = must_open("scratch");
    REQUIRE(write(scratch, AREA + PAGE_SIZE, PAGE_SIZE) == PAGE_SIZE, "write");
    REQUIRE(!room || physical(AREA + PAGE_SIZE) == frame, "write() copied what it read");

    REQUIRE(read(fd, AREA + 2 * PAGE_SIZE - 10, 2 * PAGE_SIZE) == 2 * PAGE_SIZE, "read");
    compare_bytes(AREA + 2 * PAGE_SIZE - 10, bytes, 2 * PAGE_SIZE, 0, "bytes");
    REQUIRE(!room || physical(AREA + PAGE_SIZE) != frame, "read() stored to a shared frame");
    check_page(AREA, 20, "the page before");
    check_pages(AREA + 4 * PAGE_SIZE, PAGES - 4, 24, "the pages after");
    return 15;
}

TEST
{
    memset(bytes, 'b', sizeof bytes);
    make_file("bytes", bytes, sizeof bytes);
    make_file("scratch", NULL, PAGE_SIZE);
    int fd = must_open("bytes");
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 20);
    bool room = roomy(PAGES + 24);
    pid_t child = must_fork();
    if (child == 0)
        exit(be_child(fd, room));
    check_child(child, 15, "a child reads and writes");
    check_pages(AREA, PAGES, 20, "the parent");
    msg("the parent's pages are as they were");
}
