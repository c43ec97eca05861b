// Makes a file shorter and longer that is mapped.
// shows: a page that its file no longer has kills the process that touches it, and no other.
#include <pages.h>

static int fd;
static int other;

static int do_load(void *at)
{
    return load(at);
}

static int do_store(void *at)
{
    store(at, 1);
    return 0;
}

static int do_write(void *at)
{
    return write(other, at, 10);
}

static int do_read(void *at)
{
    return read(other, at, 10);
}

TEST
{
    make_file("data", NULL, 4 * PAGE_SIZE);
    make_file("other", "0123456789", 10);
    fd = must_open("data");
    other = must_open("other");
    uint8_t *pages = map_file(AREA, 4, MAP_SHARED, fd, 0);
    fill_pages(pages, 3, 10);

    // Page 2 was touched, page 3 was not.
    CHECK(ftruncate(fd, PAGE_SIZE + 100) == 0, "cut the file after page 1");
    CHECK(filesize(fd) == PAGE_SIZE + 100, "it is shorter");
    must_kill(do_load, pages + 2 * PAGE_SIZE, "a load from page 2");
    must_kill(do_store, pages + 3 * PAGE_SIZE, "a store to page 3");
    must_kill(do_write, pages + 2 * PAGE_SIZE, "write() from page 2");
    must_kill(do_read, pages + 3 * PAGE_SIZE, "read() into page 3");
    check_page(pages, 10, "page 0");
    uint8_t start[100];
    seek(fd, PAGE_SIZE);
    REQUIRE(read(fd, start, 100) == 100, "read");
    CHECK(memcmp(pages + PAGE_SIZE, start, 100) == 0, "what is left of page 1");

    CHECK(ftruncate(fd, 4 * PAGE_SIZE) == 0, "make the file long again");
    check_page(pages, 10, "page 0");
    CHECK(memcmp(pages + PAGE_SIZE, start, 100) == 0, "what was left of page 1");
    check_zero(pages + PAGE_SIZE + 100, 3 * PAGE_SIZE - 100, "what was cut off");
    store(pages + 3 * PAGE_SIZE, 'x');
    CHECK(munmap2(pages, 4 * PAGE_SIZE) == 0, "munmap2");
    char byte;
    seek(fd, 3 * PAGE_SIZE);
    CHECK(read(fd, &byte, 1) == 1 && byte == 'x', "a store to page 3 is in the file");
}
