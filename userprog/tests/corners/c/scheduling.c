/* Scheduling: how nice a process is, who else is, and on which CPUs. */
#include "linux.h"

enum { OF_PROCESS = 0, OF_GROUP = 1, OF_USER = 2 };

static unsigned mask[32];

static void niceness(void) {
    show(call(GETPRIORITY, OF_PROCESS, 0));
    show(call(SETPRIORITY, OF_PROCESS, 0, 3));
    show(call(GETPRIORITY, OF_PROCESS, 0));
    show(call(NICE, 2));
    show(call(GETPRIORITY, OF_PROCESS, call(GETPID)));
    show(call(GETPRIORITY, 3, 0));
    show(call(SETPRIORITY, 7, 0, 0));
    show(call(GETPRIORITY, OF_PROCESS, 12345678));
    show(call(SETPRIORITY, OF_PROCESS, 12345678, 5));
    show(call(GETPRIORITY, OF_GROUP, 12345678));
    show(call(GETPRIORITY, OF_USER, 12345678));

    /* A child begins with it, and goes its own way; of a group the lowest counts. */
    check(call(SETPGID, 0, 0) == 0 || call(GETPGRP) == call(GETPID));
    int child = call(FORK);
    if (child == 0) {
        int began = call(GETPRIORITY, OF_PROCESS, 0);
        call(SETPRIORITY, OF_PROCESS, 0, 100);
        call(EXIT_GROUP, began << 3 | (call(GETPRIORITY, OF_PROCESS, 0) == 1) << 1 |
                             (call(GETPRIORITY, OF_GROUP, 0) == 15));
    }
    int status = 0;
    check(call(WAIT4, child, &status, 0, 0) == child);
    show(status >> 8);
    show(call(GETPRIORITY, OF_PROCESS, 0));
    show(call(SETPRIORITY, OF_GROUP, 0, 19));
    show(call(GETPRIORITY, OF_PROCESS, 0));
    show(call(NICE, 50));
    show(call(GETPRIORITY, OF_GROUP, 0));
}

static void affinity(void) {
    check(call(SCHED_GETAFFINITY, 0, sizeof mask, mask) >= 4);
    check(mask[0] != 0);
    show(call(SCHED_SETAFFINITY, 0, sizeof mask, mask));
    show(call(SCHED_GETAFFINITY, 0, 3, mask));
    show(call(SCHED_GETAFFINITY, 12345678, sizeof mask, mask));
    show(call(SCHED_GETAFFINITY, 0, sizeof mask, 0x10000000));
    show(call(SCHED_SETAFFINITY, 12345678, sizeof mask, mask));
    show(call(SCHED_SETAFFINITY, 0, sizeof mask, 0x10000000));
    for (int at = 0; at < 32; at++)
        mask[at] = 0;
    show(call(SCHED_SETAFFINITY, 0, sizeof mask, mask));
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    niceness();
    affinity();
    return 0;
}
