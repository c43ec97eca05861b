/* Threads that do what nobody should: whatever comes of it, the kernel goes on. */
#include "threads.h"

enum { ROBUST = 311, SET_TID = 258 };

static volatile int *words;
static volatile int started;

static unsigned any(unsigned below) {
    unsigned number;
    call(GETRANDOM, &number, 4, 0);
    return number % below;
}

/* An address that may be anything. */
static long place(void) {
    switch (any(6)) {
    case 0: return 0;
    case 1: return (long)call6;
    case 2: return 0xc0000000;
    case 3: return any(~0u);
    default: return (long)(words + any(6 * 1024));
    }
}

static int step(void *depth);

static void begin(int depth) {
    struct thread *thread = pages(1, 0);
    if (__sync_fetch_and_add(&started, 1) < 60)
        start(thread, step, (void *)(depth + 1), 0);
}

static int step(void *depth) {
    long soon[] = { 0, 100000 };
    long every[] = { 0, 200, 0, 200 };
    char *arguments[] = { "x", 0 };
    for (int i = 0; i < 40; i++) {
        switch (any(24)) {
        case 0: case 1: begin((int)depth); break;
        case 2: call(FORK); break;
        case 3: call(CLONE, any(~0u) & 0x1ffffff, place(), place(), place(), place()); break;
        case 4: call(FUTEX, place(), any(12) | any(2) << 7, any(3), soon, place(), 0); break;
        case 5: call(FUTEX, words + any(8), WAIT, 0, soon, 0, 0); break;
        case 6: call(FUTEX, words + any(8), WAKE, any(5), 0, 0, 0); break;
        case 7: call(FUTEX, words + any(8), REQUEUE, 1, (void *)4, (int *)words + any(8), 0); break;
        case 8: call(ROBUST, place(), 12); break;
        case 9: call(SET_TID, place()); break;
        case 10: call(MUNMAP, (long)(words + 1024 * any(6)), 4096); break;
        case 11: call(MMAP2, words + 1024 * any(6), 4096, 3, 0x30 | (1 + any(2)), -1, 0); break;
        case 12: call(MPROTECT, words + 1024 * any(6), 4096, any(8)); break;
        case 13: call(TKILL, 1 + any(80), 10 + any(2) * 7); break;
        case 14: if (any(8) == 0) call(KILL, 1 + any(80), any(32)); break;
        case 15: if (any(8) == 0) call(EXECVE, "/proc/self/exe", arguments, 0); break;
        case 16: if (any(8) == 0) call(EXIT_THREAD, 1); break;
        case 17: if (any(40) == 0) call(EXIT_GROUP, 1); break;
        case 18: words[any(6 * 1024)]++; break;
        case 19: call(WAITPID, -1, 0, 1); break;
        case 20: call(SETITIMER, 0, every, 0); break;
        case 21: call(SIGACTION, 14, 0, place(), 8); break;
        case 22: call(NANOSLEEP, soon, 0); break;
        default: call(BRK, call(BRK, 0) + 4096); break;
        }
    }
    return 0;
}

static void nothing(int signal) {
    (void)signal;
}

static void on_fault(int signal) {
    (void)signal;
    step(0);
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    words = pages(6, any(2));
    handle(14, nothing);
    handle(10, nothing);
    if (any(2))
        handle(11, on_fault);
    for (int i = 0; i < 4; i++)
        begin(0);
    return step(0);
}
