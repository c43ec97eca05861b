/* Calls that wait with a signal mask of their own: only there the signal comes, and the
   mask from before is back afterwards. */
#include "threads.h"

enum { PSELECT6 = 308 };

static volatile int handled;
static unsigned open_mask[2];

static void on_signal(int signal) {
    handled += signal;
}

static unsigned mask(void) {
    unsigned now[2] = { 0, 0 };
    check(call(SIGPROCMASK, 0, 0, now, 8) == 0);
    return now[0];
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    unsigned blocked[2] = { 1 << 9, 0 };
    int ends[2], pid = call(GETPID);
    long soon[] = { 0, 1000000 };
    struct { unsigned *mask; unsigned size; } with = { open_mask, 8 }, wrong = { open_mask, 4 };
    check(call(PIPE, ends) == 0);
    struct { int fd; short events, found; } entry = { ends[0], 1, 0 };
    check(call(SIGPROCMASK, 0, blocked, 0, 8) == 0);
    handle(10, on_signal);

    check(call(KILL, pid, 10) == 0);
    check(handled == 0);
    say("poll", call(PPOLL, &entry, 1, 0, open_mask, 8));
    say("handled", handled);
    say("mask", mask());

    check(call(KILL, pid, 10) == 0);
    unsigned set = 1u << ends[0];
    say("select", call(PSELECT6, ends[0] + 1, &set, 0, 0, 0, &with));
    say("handled", handled);
    say("mask", mask());

    /* Nothing comes: the time passes, and the mask is back too. */
    say("poll", call(PPOLL, &entry, 1, soon, open_mask, 8));
    say("select", call(PSELECT6, ends[0] + 1, &set, 0, 0, soon, &with));
    say("mask", mask());

    /* What is ready is said, and the signal comes later. */
    check(call(WRITE, ends[1], "x", 1) == 1);
    check(call(KILL, pid, 10) == 0);
    say("ready", call(PPOLL, &entry, 1, 0, open_mask, 8));
    set = 1u << ends[0];
    say("ready", call(PSELECT6, ends[0] + 1, &set, 0, 0, soon, &with));
    say("handled", handled);
    say("wrong", call(PSELECT6, ends[0] + 1, &set, 0, 0, soon, &wrong));
    say("wrong", call(PPOLL, &entry, 1, 0, open_mask, 4));
    say("bad", call(PPOLL, &entry, 1, 0, 16, 8));
    return 0;
}
