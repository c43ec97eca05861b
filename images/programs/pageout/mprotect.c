// Takes rights from pages and gives them back, in frames and in swap, and has
// children try what is forbidden.
// shows: mprotect changes what may be done with pages, never what they hold.
#include <pages.h>

#define PAGES 4
#define LENGTH (PAGES * PAGE_SIZE)

static int fd;

static int do_load(void *at)
{
    return load(at) == 0xff ? 1 : 0;
}

static int do_store(void *at)
{
    store(at, 1);
    return 0;
}

static int do_read(void *at)
{
    return read(fd, at, 4);
}

static int do_write(void *at)
{
    return write(fd, at, 4);
}

// The page is mapped with all rights when they are taken away.
static int do_store_after(void *at)
{
    store(at, 1);
    REQUIRE(mprotect(at, PAGE_SIZE, PROT_READ) == 0, "mprotect");
    store(at, 2);
    return 0;
}

static int do_load_after(void *at)
{
    store(at, 1);
    REQUIRE(mprotect(at, PAGE_SIZE, PROT_NONE) == 0, "mprotect");
    return load(at);
}

TEST
{
    make_file("data", "data", 4);
    fd = must_open("data");
    uint8_t *pages = map_zero(AREA, PAGES);
    fill_pages(pages, PAGES, 40);
    advise(pages + 2 * PAGE_SIZE, 2, MADV_PAGEOUT);
    uint8_t *last = pages + LENGTH - PAGE_SIZE;

    must_kill(do_store_after, pages, "a store right after one that was allowed");
    must_kill(do_load_after, pages, "a load right after a store that was allowed");

    CHECK(mprotect(pages, LENGTH, PROT_READ) == 0, "PROT_READ");
    check_pages(pages, PAGES, 40, "what may be read");
    must_kill(do_store, pages, "a store");
    must_kill(do_store, last, "a store to the last page");
    must_kill(do_read, pages, "read() into it");
    CHECK(run_forked(do_write, pages) == 4, "write() from it");

    CHECK(mprotect(pages, LENGTH, PROT_NONE) == 0, "PROT_NONE");
    must_kill(do_load, pages, "a load");
    must_kill(do_load, last, "a load from the last page");
    must_kill(do_write, pages, "write() from it");

    CHECK(mprotect(pages, 2 * PAGE_SIZE, PROT_RW) == 0, "both rights for the first two pages");
    check_pages(pages, 2, 40, "the first two pages");
    fill_pages(pages, 2, 60);
    must_kill(do_load, last, "a load from the last page");
    CHECK(mprotect(pages, LENGTH, PROT_RW) == 0, "both rights for all");
    check_pages(pages, 2, 60, "the first two pages");
    check_pages(pages + 2 * PAGE_SIZE, 2, 42, "the last two pages");
    fill_pages(pages, PAGES, 80);
    check_pages(pages, PAGES, 80, "all pages");

    CHECK(mprotect(pages + 1, PAGE_SIZE, PROT_READ) == -EINVAL, "misaligned");
    CHECK(mprotect(pages, LENGTH + PAGE_SIZE, PROT_READ) == -ENOMEM, "a hole");
    fill_pages(pages, PAGES, 90);
    msg("which has changed nothing");
    REQUIRE(pin_pages(pages, PAGE_SIZE, 1) == 0, "pin");
    CHECK(mprotect(pages, LENGTH, PROT_READ) == -EINVAL, "a pinned page");
    fill_pages(pages, PAGES, 95);
    REQUIRE(unpin_pages(pages, PAGE_SIZE) == 0, "unpin");
    check_pages(pages, PAGES, 95, "in the end");
}
