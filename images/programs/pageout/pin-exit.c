// Has children end with pinned pages: by exit, and killed.
// shows: the end of a process ends its pins.
#include <pages.h>

static unsigned half;

static void pin_all(void)
{
    map_zero(AREA, half);
    int result = pin_pages(AREA, half * PAGE_SIZE, 1);
    REQUIRE(result == 0, "pin_pages returned %d", result);
    map_zero(AREA_2, 1);
    REQUIRE(pin_pages(AREA_2, PAGE_SIZE, 1) == -EAGAIN, "one more page");
}

static int pin_and_exit(void *argument)
{
    (void)argument;
    pin_all();
    return 24;
}

static int pin_and_crash(void *argument)
{
    pin_all();
    return load(argument);
}

TEST
{
    half = stats_now().frames_total / 2;
    for (int i = 0; i < 3; i++) {
        int status = run_forked(pin_and_exit, NULL);
        CHECK(status == 24, "a child pins half of the frames and exits");
        must_kill(pin_and_crash, NULL, "a child pins half of the frames and crashes");
    }
}
