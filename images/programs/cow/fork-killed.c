// Forks children that are killed while they share everything, and children of
// children that outlive their parent.
// shows: however a process ends, what it shared stays with the others.
#include <pages.h>

#define PAGES 16

static int crash(void *argument)
{
    fill_pages(AREA, PAGES / 2, 800);
    advise(AREA, PAGES, MADV_PAGEOUT);
    return load(argument);
}

// Leaves a child behind that goes on when its parent has ended.
static int leave_orphan(void *argument)
{
    (void)argument;
    if (must_fork() == 0) {
        await_file("go");
        check_pages(AREA, PAGES, 60, "the orphan");
        post_file("done");
        // No parent is left that could be told.
        for (;;)
            yield();
    }
    return 17;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 60);
    for (int i = 0; i < 3; i++) {
        must_kill(crash, NULL, "a child that crashes");
        check_pages(AREA, PAGES, 60, "the parent");
    }
    CHECK(run_forked(leave_orphan, NULL) == 17, "a child that leaves a child");
    post_file("go");
    await_file("done");
    check_pages(AREA, PAGES, 60, "the parent, in the end");
    msg("the orphan has seen its pages");
}
