/* Threads fault on the same pages at once, while another one unmaps, protects and
   forks: nobody's store is lost, and each child has a copy of one moment. */
#include "threads.h"

#define THREADS 3
#define PAGES 12
#define ROUNDS 12

static volatile int *words;
static volatile int round_now, done[THREADS], stop;

static int store(void *number) {
    int own = (int)number;
    for (int round = 1; round <= ROUNDS; round++) {
        while (round_now < round)
            call(SCHED_YIELD);
        for (int page = 0; page < PAGES; page++)
            words[page * 1024 + own] += round;
        done[own] = round;
    }
    return 0;
}

static int disturb(void *unused) {
    (void)unused;
    while (!stop) {
        char *apart = pages(3, 0);
        apart[0] = apart[4096] = apart[8192] = 1;
        check(call(MPROTECT, apart + 4096, 4096, 1) == 0);
        check(apart[4096] == 1);
        check(call(MUNMAP, apart, 4096) == 0);
        check(call(MPROTECT, apart + 4096, 8192, 3) == 0);
        apart[4096] = 2;
        check(call(MUNMAP, apart + 4096, 8192) == 0);
        call(SCHED_YIELD);
    }
    return 0;
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    static struct thread threads[THREADS], other;
    words = pages(PAGES, 0);
    for (int i = 0; i < THREADS; i++)
        check(start(&threads[i], store, (void *)i, 0) > 0);
    check(start(&other, disturb, 0, 0) > 0);
    int ended = 0;
    for (int round = 1; round <= ROUNDS; round++) {
        round_now = round;
        if (round % 3 == 0) {
            int child = call(FORK);
            if (child == 0) {
                /* Nobody else runs here. */
                int before = 0, after = 0;
                for (int page = 0; page < PAGES; page++)
                    before += words[page * 1024];
                for (int i = 0; i < 20; i++)
                    call(SCHED_YIELD);
                for (int page = 0; page < PAGES; page++)
                    after += words[page * 1024];
                call(EXIT_GROUP, before == after ? 3 : 4);
            }
            int status = 0;
            check(call(WAITPID, child, &status, 0) == child);
            ended += status >> 8;
        }
        for (int i = 0; i < THREADS; i++)
            while (done[i] < round)
                call(SCHED_YIELD);
    }
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        join(&threads[i]);
    join(&other);
    int sum = 0;
    for (int page = 0; page < PAGES; page++)
        for (int i = 0; i < THREADS; i++)
            sum += words[page * 1024 + i];
    say("stored", sum);
    say("children", ended);
    return 0;
}
