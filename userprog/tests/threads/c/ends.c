/* How a process with several threads ends: with the last one, or all at once. */
#include "threads.h"

static struct thread others[3];
static volatile int at_work, never;
static char *program;

static int forever(void *unused) {
    (void)unused;
    __sync_fetch_and_add(&at_work, 1);
    while (!never)
        call(FUTEX, &never, WAIT, 0, 0, 0, 0);
    return 0;
}

static int busy(void *unused) {
    (void)unused;
    __sync_fetch_and_add(&at_work, 1);
    while (!never)
        ;
    return 0;
}

/* The first thread is gone before this one. */
static int later(void *unused) {
    (void)unused;
    long time[] = { 0, 20000000 };
    call(NANOSLEEP, time, 0);
    int child = call(FORK);
    if (child == 0)
        call(EXIT_GROUP, 9);
    int status = 0;
    check(call(WAITPID, child, &status, 0) == child && status == 9 << 8);
    return 77;
}

static int all(void *unused) {
    (void)unused;
    call(EXIT_GROUP, 21);
    return 0;
}

static int fault(void *unused) {
    (void)unused;
    __asm__ volatile("movl $1, 16");
    return 0;
}

static int again(void *unused) {
    (void)unused;
    char *arguments[] = { program, "again", 0 };
    call(EXECVE, "/proc/self/exe", arguments, 0);
    return 1;
}

static void two_more(void) {
    check(start(&others[0], forever, 0, 0) > 0);
    check(start(&others[1], busy, 0, 0) > 0);
    while (at_work < 2)
        call(SCHED_YIELD);
}

static void child(int which) {
    int (*const ends[])(void *) = { later, all, fault, again };
    if (which > 0)
        two_more();
    check(start(&others[2], ends[which], 0, 0) > 0);
    if (which == 0)
        call(EXIT_THREAD, 33);
    if (which == 1)
        call(EXIT_THREAD, 34);
    forever(0);
}

/* Killed from outside, while its first thread is gone. */
static void killed(void) {
    two_more();
    call(EXIT_THREAD, 1);
}

int test(int argc, char **argv) {
    program = argv[0];
    if (argc == 2) {
        say("again, as the first thread:", call(GETPID) == call(GETTID));
        return 12;
    }
    for (int which = 0; which < 4; which++) {
        int pid = call(FORK), status = -1;
        if (pid == 0)
            child(which);
        check(call(WAITPID, pid, &status, 0) == pid);
        say("status", status & 0xff7f);
    }
    int pid = call(FORK), status = -1;
    if (pid == 0)
        killed();
    long time[] = { 0, 50000000 };
    call(NANOSLEEP, time, 0);
    check(call(WAITPID, pid, &status, 1) == 0);
    check(call(KILL, pid, 15) == 0);
    check(call(WAITPID, pid, &status, 0) == pid);
    say("killed", status);
    return 0;
}
