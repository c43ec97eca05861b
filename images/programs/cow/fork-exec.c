// Forks, has the child run another program, and runs that program itself; both
// with pages that are shared copy-on-write, and under memory pressure.
// shows: fork, exec and wait go together.
// needs: child-linear
#include <pages.h>

#define PAGES 20

static int run_linear(void)
{
    fill_page(AREA, 777);
    int status = run("child-linear 5");
    REQUIRE(status == 0x42, "child-linear: %d", status);
    check_page(AREA, 777, "the forked child");
    check_pages(AREA + PAGE_SIZE, PAGES - 1, 11, "the forked child");
    return 6;
}

TEST
{
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 10);
    pid_t child = must_fork();
    if (child == 0)
        exit(run_linear());
    check_child(child, 6, "a child that runs a program");
    CHECK(run("child-linear 6") == 0x42, "the parent runs it too");
    check_pages(AREA, PAGES, 10, "the parent");

    child = must_fork();
    if (child == 0)
        exit(exec("no-such-file") == PID_ERROR ? 8 : 9);
    check_child(child, 8, "a child that cannot run a program");
}
