// Maps four pages of a file that has one and a half.
// shows: an access to a page mapped past the end of a file kills the process.
#include <pages.h>

static int fd;

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
    return write(fd, at, 1);
}

TEST
{
    uint8_t *mapping = AREA;
    make_file("short", NULL, PAGE_SIZE + PAGE_SIZE / 2);
    make_file("other", NULL, 0);
    fd = must_open("other");
    int file = must_open("short");
    map_file(mapping, 4, MAP_SHARED, file, 0);
    uint8_t *private = map_file(AREA_2, 4, MAP_PRIVATE, file, 0);
    check_zero(mapping, 2 * PAGE_SIZE, "up to the end of its last page");
    must_kill(do_load, mapping + 2 * PAGE_SIZE, "load from the page after");
    must_kill(do_store, mapping + 2 * PAGE_SIZE, "store to the page after");
    must_kill(do_load, mapping + 4 * PAGE_SIZE - 1, "load from the last page");
    must_kill(do_write, mapping + 2 * PAGE_SIZE, "write() from the page after");
    must_kill(do_store, private + 2 * PAGE_SIZE, "store to the page after, private");

    // A longer file gives more.
    CHECK(ftruncate(file, 3 * PAGE_SIZE) == 0, "make the file longer");
    store(mapping + 2 * PAGE_SIZE, 'x');
    char byte = 0;
    seek(file, 2 * PAGE_SIZE);
    CHECK(read(file, &byte, 1) == 1 && byte == 'x', "a store to the page after is in the file");
    must_kill(do_load, mapping + 3 * PAGE_SIZE, "load from the page after that");
}
