// Changes what may be done with pages that are shared copy-on-write.
// shows: copy-on-write and protection go together: rights change for one process alone.
#include <pages.h>

static int do_store(void *at)
{
    store(at, 'x');
    return load(at);
}

static int protect_and_store(void *at)
{
    REQUIRE(mprotect(at, PAGE_SIZE, PROT_RW) == 0, "mprotect");
    return do_store(at);
}

TEST
{
    uint8_t *pages = map_zero(AREA, 2);
    fill_pages(pages, 2, 5);
    CHECK(mprotect(pages, PAGE_SIZE, PROT_READ) == 0, "make a page read-only");
    must_kill(do_store, pages, "a store to it in a child");
    CHECK(run_forked(protect_and_store, pages) == 'x', "a child makes it writable for itself");
    must_kill(do_store, pages, "a store to it in the next child");
    CHECK(run_forked(do_store, pages + PAGE_SIZE) == 'x', "a store to the other page");
    check_pages(pages, 2, 5, "the parent");

    pid_t child = must_fork();
    if (child == 0) {
        await_file("go");
        check_pages(pages, 2, 5, "the child");
        store(pages + PAGE_SIZE, 'z');
        exit(18);
    }
    REQUIRE(mprotect(pages, 2 * PAGE_SIZE, PROT_NONE) == 0, "mprotect");
    post_file("go");
    check_child(child, 18, "a child is not touched by its parent's mprotect");
    CHECK(mprotect(pages, 2 * PAGE_SIZE, PROT_RW) == 0, "make both writable");
    check_pages(pages, 2, 5, "the parent, in the end");
}
