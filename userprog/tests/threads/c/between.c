/* Processes that wait for each other at a word of memory that both have mapped, each
   elsewhere; and a lock whose owner ends. */
#include "threads.h"

struct node {
    struct node *next;
    volatile int word;
};

static struct { struct node *list; long offset; struct node *pending; } head;
static struct node held;

static int owner(void *unused) {
    (void)unused;
    head.list = &held;
    head.offset = (char *)&held.word - (char *)&held;
    held.next = (struct node *)&head;
    check(call(SET_ROBUST_LIST, &head, sizeof head) == 0);
    check(call(SET_ROBUST_LIST, &head, 4) == -EINVAL);
    held.word = call(GETTID) | 1 << 31;
    long time[] = { 0, 20000000 };
    call(NANOSLEEP, time, 0);
    return 0;
}

int test(int argc, char **argv) {
    (void)argc, (void)argv;
    volatile int *words = pages(2, 1);
    long time[] = { 0, 20000000 };
    int child = call(FORK);
    if (child == 0) {
        while (words[1024] == 0)
            call(FUTEX, &words[1024], WAIT, 0, 0, 0, 0);
        call(NANOSLEEP, time, 0);
        words[0] = 6;
        say("woke the parent:", call(FUTEX, words, WAKE, 1, 0, 0, 0));
        call(EXIT_GROUP, 0);
    }
    call(NANOSLEEP, time, 0);
    words[1024] = 1;
    say("woke the child:", call(FUTEX, &words[1024], WAKE, 1, 0, 0, 0));
    while (words[0] == 0)
        call(FUTEX, words, WAIT, 0, 0, 0, 0);
    int status = -1;
    check(call(WAITPID, child, &status, 0) == child && status == 0);

    static struct thread thread;
    check(start(&thread, owner, 0, 0) > 0);
    until_not(&held.word, 0);
    int now;
    while (((now = held.word) & 1 << 30) == 0)
        call(FUTEX, &held.word, WAIT, now, 0, 0, 0);
    say("without an owner", held.word == (int)(3u << 30));
    join(&thread);
    return 0;
}
