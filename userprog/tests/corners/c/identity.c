/* Who a process is and what time it is: what is not the same on each machine is only looked at for its shape. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)

static char buffer[512];

static void clocks(void) {
    long time[2] = { 0, 0 }, before[2], wrong[] = { 0, 1000000000 }, negative[] = { -1, 0 }, short_time[] = { 0, 1000 };
    for (int clock = 0; clock < 8; clock++)
        show(call(CLOCK_GETTIME, clock, time));
    show(call(CLOCK_GETTIME, 99, time));
    show(call(CLOCK_GETTIME, 1, NOWHERE));
    show(call(CLOCK_GETRES, 1, 0));
    show(call(CLOCK_GETRES, 99, time));
    show(call(CLOCK_GETRES, 1, NOWHERE));
    call(CLOCK_GETTIME, 1, before);
    show(call(NANOSLEEP, short_time, 0));
    call(CLOCK_GETTIME, 1, time);
    show(time[0] > before[0] || (time[0] == before[0] && time[1] >= before[1] + 1000));
    show(time[1] >= 0 && time[1] < 1000000000);
    show(call(NANOSLEEP, wrong, 0));
    show(call(NANOSLEEP, negative, 0));
    show(call(NANOSLEEP, NOWHERE, 0));
    show(call(CLOCK_NANOSLEEP, 1, 1, time, 0));
    show(call(CLOCK_NANOSLEEP, 1, 0, short_time, 0));
    show(call(CLOCK_NANOSLEEP, 99, 0, short_time, 0));
    show(call(CLOCK_NANOSLEEP, 1, 0, wrong, 0));
    long day[2];
    show(call(GETTIMEOFDAY, day, 0));
    show(call(GETTIMEOFDAY, 0, 0));
    show(call(GETTIMEOFDAY, NOWHERE, 0));
    long seconds = call(TIME, time);
    show(seconds == time[0] && seconds >= day[0] && seconds <= day[0] + 5);
    show(call(TIME, NOWHERE));
    show(call(TIMES, buffer) != -14);
    show(call(TIMES, NOWHERE));
}

static void timers(void) {
    long timer[] = { 0, 0, 100, 5 }, old[4], wrong[] = { 0, 0, 0, 1000000 };
    show(call(GETITIMER, 0, old));
    show(old[0] + old[1] + old[2] + old[3]);
    show(call(SETITIMER, 0, timer, old));
    show(old[2]);
    show(call(SETITIMER, 0, wrong, old));
    show(call(GETITIMER, 0, old));
    show(old[2]);
    show(call(ALARM, 50));
    show(call(ALARM, 0));
    show(call(ALARM, 0));
    show(call(GETITIMER, 3, old));
    show(call(SETITIMER, 3, timer, old));
    show(call(GETITIMER, 0, NOWHERE));
    show(call(SETITIMER, 0, NOWHERE, 0));
    show(call(SETITIMER, 0, timer, NOWHERE));
    show(call(ALARM, 0) > 0);
}

static void numbers(void) {
    int ids[3] = { -1, -1, -1 };
    show(call(GETPID) == call(GETTID));
    show(call(GETPPID) != call(GETPID));
    int me = call(GETPID), child = call(FORK), status = 0;
    if (child == 0)
        call(EXIT_GROUP, (call(GETPPID) == me) + 2 * (call(GETPID) != me));
    check(call(WAITPID, child, &status, 0) == child);
    show(status);
    show(call(199) == call(201)); /* getuid32, geteuid32 */
    show(call(209, ids, ids + 1, ids + 2)); /* getresuid32 */
    show(ids[0] == call(199) && ids[1] == ids[0] && ids[2] == ids[0]);
    show(call(209, NOWHERE, ids, ids));
    show(call(UMASK, 0777) >= 0);
    show(call(UMASK, 01022));
    show(call(UMASK, 0));
    show(call(GETPGID, -1));
    show(call(GETSID, -1));
    show(call(GETSID, 0) == call(GETSID, me));
}

static void limits(void) {
    unsigned limit[4] = { 0, 0, 0, 0 };
    show(call(UGETRLIMIT, 3, limit));
    show(limit[0] <= limit[1]);
    show(call(UGETRLIMIT, 16, limit));
    show(call(UGETRLIMIT, 3, NOWHERE));
    show(call(PRLIMIT64, 0, 7, 0, limit));
    show(limit[0] > 20);
    show(call(PRLIMIT64, 0, 16, 0, limit));
    show(call(PRLIMIT64, 0, 7, 0, NOWHERE));
    show(call(PRLIMIT64, 0, 7, 0, 0));
    show(call(PRLIMIT64, 0x7fffffff, 7, 0, limit));
    show(call(GETRUSAGE, 0, buffer));
    show(call(GETRUSAGE, -1, buffer));
    show(call(GETRUSAGE, 5, buffer));
    show(call(GETRUSAGE, 0, NOWHERE));
    show(call(SYSINFO, buffer));
    show(call(SYSINFO, NOWHERE));
}

static void names(void) {
    show(call(UNAME, buffer));
    line(buffer);
    show(call(UNAME, NOWHERE));
    show(call(PRCTL, 15, "a name that is too long"));
    show(call(PRCTL, 16, buffer));
    line(buffer);
    show(call(PRCTL, 15, NOWHERE));
    show(call(PRCTL, 16, NOWHERE));
    show(call(PRCTL, 12345));
    show(call(GETRANDOM, buffer, 0, 0));
    show(call(GETRANDOM, buffer, 100, 0));
    show(call(GETRANDOM, buffer, 8, 1));
    show(call(GETRANDOM, buffer, 8, 0x100));
    show(call(GETRANDOM, buffer, 8, 6));
    show(call(GETRANDOM, NOWHERE, 8, 0));
    int zeros = 0;
    for (int at = 0; at < 100; at++)
        zeros += buffer[at] == 0;
    show(zeros < 20);
    show(call(SCHED_YIELD));
    show(call(9999));
    show(call(-1));
}

/* Each becomes who it is already; who else there is depends on the host. */
static void ids(void) {
    int user = call(GETUID32), group = call(GETGID32);
    show(call(SETUID32, user));
    show(call(SETGID32, group));
    show(call(SETREUID32, -1, user));
    show(call(SETREGID32, group, -1));
    show(call(SETRESUID32, user, -1, user));
    show(call(SETRESGID32, -1, -1, -1));
    show(call(SETUID32, -1));
    show(call(SETGID32, -1));
    check(call(GETUID32) == user && call(GETGID32) == group);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    clocks();
    timers();
    numbers();
    limits();
    names();
    ids();
    return 255;
}
