// Maps pages that may only be read, and such as may not be touched at all, and
// has forked children try everything with them.
// shows: loads, stores and system calls may do in a mapping what its protection says, no more.
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
    return write(fd, at, 10);
}

static int do_read(void *at)
{
    return read(fd, at, 10);
}

TEST
{
    make_file("data", "0123456789abcdef", 16);
    fd = must_open("data");
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    uint8_t *none = AREA;
    uint8_t *readable = AREA + 4 * PAGE_SIZE;
    uint8_t *file = AREA_2;
    REQUIRE(mmap2(none, PAGE_SIZE, PROT_NONE, flags, -1, 0) == none, "mmap2");
    REQUIRE(mmap2(readable, PAGE_SIZE, PROT_READ, flags, -1, 0) == readable, "mmap2");
    REQUIRE(mmap2(file, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0) == file, "mmap2");

    must_kill(do_load, none, "load from PROT_NONE");
    must_kill(do_store, none, "store to PROT_NONE");
    must_kill(do_write, none, "write() from PROT_NONE");
    must_kill(do_read, none, "read() into PROT_NONE");
    must_kill(do_store, readable, "store to PROT_READ");
    must_kill(do_read, readable, "read() into PROT_READ");
    must_kill(do_store, file, "store to a file's PROT_READ");
    must_kill(do_read, file, "read() into a file's PROT_READ");
    CHECK(run_forked(do_load, readable) == 0, "load from PROT_READ");
    CHECK(run_forked(do_load, file) == '0', "load from a file's PROT_READ");
    seek(fd, 16);
    CHECK(run_forked(do_write, readable) == 10, "write() from PROT_READ");
    check_zero(readable, PAGE_SIZE, "the readable page");
    CHECK(memcmp(file, "0123456789abcdef", 16) == 0, "the file is as it was");
}
