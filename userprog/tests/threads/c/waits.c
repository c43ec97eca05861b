/* What a wait at a futex comes to. */
#include "threads.h"

static volatile int word, second, waiting, woken, handled;

static int futex(volatile int *at, int what, int value, const void *time, volatile int *other, int third) {
    return call(FUTEX, at, what, value, time, other, third);
}

static int waiter(void *bits) {
    __sync_fetch_and_add(&waiting, 1);
    int result = futex(&word, WAIT_BITSET | PRIVATE, 0, 0, 0, (int)bits);
    __sync_fetch_and_add(&woken, 1);
    return result;
}

static int interrupted(void *result) {
    waiting = 1;
    *(int *)result = futex(&word, WAIT, 0, 0, 0, 0);
    return 0;
}

static void on_signal(int signal) {
    handled += signal;
}

/* Long enough for all others to have come to their wait. */
static void settle(void) {
    long time[] = { 0, 30000000 };
    call(NANOSLEEP, time, 0);
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    static struct thread threads[6];
    long soon[] = { 0, 1000000 }, past[] = { 0, 0 }, wrong[] = { 0, 1000000000 };
    say("another value", futex(&word, WAIT | PRIVATE, 1, 0, 0, 0));
    say("in time", futex(&word, WAIT | PRIVATE, 0, soon, 0, 0));
    say("a moment that has passed", futex(&word, WAIT_BITSET, 0, past, 0, -1));
    say("no time", futex(&word, WAIT, 0, wrong, 0, 0));
    say("no bits", futex(&word, WAIT_BITSET, 0, 0, 0, 0));
    say("no word", futex((int *)((char *)&word + 2), WAIT, 0, 0, 0, 0));
    say("nobody waits", futex(&word, WAKE, 9, 0, 0, 0));

    for (int i = 0; i < 6; i++)
        check(start(&threads[i], waiter, (void *)(i < 2 ? 1 : 2), 0) > 0);
    while (waiting < 6)
        call(SCHED_YIELD);
    settle();
    say("woken by bits", futex(&word, WAKE_BITSET | PRIVATE, 9, 0, 0, 1));
    settle();
    check(woken == 2);
    say("another value", futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)9, &second, 7));
    say("woken and moved", futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)2, &second, 0));
    settle();
    check(woken == 3);
    say("moved", futex(&second, WAKE | PRIVATE, 9, 0, 0, 0));
    say("the last", futex(&word, WAKE | PRIVATE, 9, 0, 0, 0));
    for (int i = 0; i < 6; i++)
        join(&threads[i]);

    handle(10, on_signal);
    int result = 0;
    waiting = 0;
    check(start(&threads[0], interrupted, &result, 0) > 0);
    until_not(&waiting, 0);
    settle();
    check(call(TGKILL, call(GETPID), threads[0].id, 10) == 0);
    join(&threads[0]);
    say("interrupted", result);
    say("handled", handled);
    return 0;
}
