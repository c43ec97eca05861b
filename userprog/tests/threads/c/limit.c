/* Threads count as processes do: at the limit there are no more, and nothing is lost. */
#include "threads.h"

static struct thread threads[300];
static volatile int go;

static int wait(void *unused) {
    (void)unused;
    while (!go)
        call(FUTEX, &go, WAIT | PRIVATE, 0, 0, 0, 0);
    return 0;
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int round = 0; round < 2; round++) {
        int count = 0, failed;
        go = 0;
        while ((failed = start(&threads[count], wait, 0, 0)) > 0)
            count++;
        say("threads", count);
        say("then", failed);
        go = 1;
        call(FUTEX, &go, WAKE | PRIVATE, 300, 0, 0, 0);
        while (count > 0)
            join(&threads[--count]);
    }
    return 0;
}
