/* What threads have of their own: storage, a number, a signal mask; and what not. */
#include "threads.h"

#define THREADS 3

static struct thread threads[THREADS];
static volatile int go, handled_by[THREADS + 1], first, ready;

struct storage {
    int number, id;
};

static int own(void) {
    int number;
    __asm__ volatile("movl %%gs:0, %0" : "=r"(number));
    return number;
}

static void on_signal(int signal) {
    (void)signal;
    handled_by[own()]++;
}

static int run(void *number) {
    unsigned mask[] = { 1 << 9, 0 };
    if ((int)number != 2)
        check(call(SIGPROCMASK, 0, mask, 0, 8) == 0);
    __sync_fetch_and_add(&ready, 1);
    while (!go) {
        check(own() == (int)number);
        call(SCHED_YIELD);
    }
    check(call(GETTID) != first && call(GETPID) == first);
    return 0;
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    static struct storage storages[THREADS + 1];
    struct { int entry; void *base; int limit, flags; } area = { -1, &storages[0], 0xfffff, 0x51 };
    first = call(GETPID);
    check(first == call(GETTID));
    check(call(243, &area) == 0);
    __asm__ volatile("movw %w0, %%gs" : : "r"(area.entry * 8 + 3));
    handle(10, on_signal);
    for (int i = 1; i <= THREADS; i++) {
        storages[i].number = i;
        area.base = &storages[i];
        check(start(&threads[i - 1], run, (void *)i, &area) > 0);
    }
    while (ready < THREADS)
        call(SCHED_YIELD);
    check(own() == 0);
    unsigned mask[] = { 1 << 9, 0 };
    check(call(SIGPROCMASK, 0, mask, 0, 8) == 0);
    /* To the process, of which one thread takes it; and to one that does not yet. */
    check(call(KILL, first, 10) == 0);
    until_not(&handled_by[2], 0);
    check(call(TGKILL, first, threads[2].id, 10) == 0);
    check(call(TGKILL, first + 1000, threads[2].id, 10) == -3);
    unsigned pending[2] = { 0, 0 };
    check(call(176, pending, 8) == 0);
    say("pending here", pending[0]);
    go = 1;
    for (int i = 0; i < THREADS; i++)
        join(&threads[i]);
    for (int i = 0; i <= THREADS; i++)
        say("handled", handled_by[i]);
    return 0;
}
