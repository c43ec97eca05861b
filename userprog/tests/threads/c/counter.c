/* Four threads count under one lock, and on pages that all of them touch. */
#include "threads.h"

#define THREADS 4
#define ROUNDS 300
#define PAGES 24

static lock_t guard;
static int count;
static volatile int *words;

static int add(void *number) {
    for (int i = 0; i < ROUNDS; i++) {
        lock(&guard);
        count++;
        words[(i % PAGES) * 1024]++;
        unlock(&guard);
        /* Another word of each page is this thread's own. */
        words[(i % PAGES) * 1024 + 1 + (int)number]++;
    }
    return 0;
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    static struct thread threads[THREADS];
    words = pages(PAGES, 0);
    for (int i = 0; i < THREADS; i++)
        check(start(&threads[i], add, (void *)i, 0) > 0);
    for (int i = 0; i < THREADS; i++)
        join(&threads[i]);
    int sum = 0, own = 0;
    for (int page = 0; page < PAGES; page++) {
        sum += words[page * 1024];
        for (int i = 0; i < THREADS; i++)
            own += words[page * 1024 + 1 + i];
    }
    say("counted", count);
    say("on pages", sum);
    say("on words of their own", own);
    return 5;
}
