/* Pipes: full, empty, broken; waiting for several descriptors. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)

enum { IN = 1, OUT = 4, ERROR = 8, HANG_UP = 0x10, INVALID = 0x20, IN_NORMAL = 0x40, OUT_NORMAL = 0x100 };

struct asked {
    int fd;
    short events, found;
};

static char buffer[65536 + PAGE];
static volatile int broken;

static void count(int signal) {
    (void)signal;
    broken++;
}

static void make(int *ends, int flags) {
    check(call(PIPE2, ends, flags) == 0);
}

static void both_closed(int *ends) {
    call(CLOSE, ends[0]);
    call(CLOSE, ends[1]);
}

static void bytes(void) {
    int ends[2], available = 9;
    show(call(PIPE, NOWHERE));
    show(call(PIPE2, ends, O_APPEND));
    make(ends, O_NONBLOCK | O_CLOEXEC);
    show(ends[0]);
    show(ends[1]);
    show(call(FCNTL64, ends[0], 1));
    show(call(FCNTL64, ends[0], 3));
    show(call(FCNTL64, ends[1], 3));
    show(call(READ, ends[0], buffer, 1));
    show(call(READ, ends[0], buffer, 0));
    show(call(READ, ends[0], NOWHERE, 1));
    show(call(READ, ends[1], buffer, 1));
    show(call(WRITE, ends[0], buffer, 1));
    show(call(WRITE, ends[1], buffer, 0));
    show(call(WRITE, ends[1], NOWHERE, 1));
    show(call(LSEEK, ends[0], 0, 0));
    show(call(PREAD64, ends[0], buffer, 1, 0, 0));
    show(call(PWRITE64, ends[1], buffer, 1, 0, 0));
    show(call(FTRUNCATE, ends[1], 0));
    show(call(IOCTL, ends[0], 0x541b, &available));
    show(available);
    show(call(WRITE, ends[1], "abcdef", 6));
    show(call(IOCTL, ends[0], 0x541b, &available));
    show(available);
    show(call(READ, ends[0], NOWHERE, 2));
    show(call(READ, ends[0], buffer, 2));
    show(buffer[0]);
    show(call(READ, ends[0], buffer, 100));
    show(call(READ, ends[0], buffer, 100));
    both_closed(ends);
}

static void full(void) {
    int ends[2], written = 0, result;
    make(ends, O_NONBLOCK);
    while ((result = call(WRITE, ends[1], buffer, PAGE)) > 0)
        written += result;
    show(written);
    show(result);
    show(call(WRITE, ends[1], buffer, 1));
    show(call(WRITE, ends[1], buffer, 2 * PAGE));
    /* A page is free only when all of it has been read. */
    show(call(READ, ends[0], buffer, 100));
    show(call(WRITE, ends[1], buffer, 1));
    show(call(READ, ends[0], buffer, PAGE - 100));
    show(call(WRITE, ends[1], buffer, PAGE));
    show(call(READ, ends[0], buffer, 2 * PAGE));
    show(call(WRITE, ends[1], buffer, 3 * PAGE));
    show(call(READ, ends[0], buffer, sizeof buffer));
    show(call(READ, ends[0], buffer, sizeof buffer));
    show(call(WRITE, ends[1], buffer, sizeof buffer));
    both_closed(ends);
    /* What has been read of a page makes no room in it: the second write is in a page of its own. */
    make(ends, O_NONBLOCK);
    show(call(WRITE, ends[1], buffer, 4000));
    show(call(READ, ends[0], buffer, 3900));
    show(call(WRITE, ends[1], buffer, 200));
    show(call(WRITE, ends[1], buffer, 96));
    for (written = 0; (result = call(WRITE, ends[1], buffer, PAGE)) > 0; written++)
        ;
    show(written);
    show(call(IOCTL, ends[0], 0x541b, &result));
    show(result);
    both_closed(ends);
    /* Whoever writes more than there is room for waits for a reader. */
    make(ends, 0);
    int child = call(FORK), status = 0;
    if (child == 0) {
        call(CLOSE, ends[0]);
        int all = call(WRITE, ends[1], buffer, sizeof buffer);
        call(EXIT_GROUP, all == sizeof buffer ? 0 : 1);
    }
    call(CLOSE, ends[1]);
    int read = 0;
    while ((result = call(READ, ends[0], buffer, 1000)) > 0)
        read += result;
    show(read);
    show(result);
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
    call(CLOSE, ends[0]);
}

static void ends(void) {
    int ends[2], status = 0;
    make(ends, 0);
    call(WRITE, ends[1], "rest", 4);
    call(CLOSE, ends[1]);
    show(call(READ, ends[0], buffer, 2));
    show(call(READ, ends[0], buffer, 9));
    show(call(READ, ends[0], buffer, 9));
    show(call(READ, ends[0], buffer, 9));
    call(CLOSE, ends[0]);
    make(ends, 0);
    call(CLOSE, ends[0]);
    int child = call(FORK);
    if (child == 0) {
        call(WRITE, ends[1], "x", 1);
        call(EXIT_GROUP, 1);
    }
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
    handle(SIGPIPE, count);
    show(call(WRITE, ends[1], "x", 1));
    show(broken);
    show(call(WRITE, ends[1], "x", 0));
    show(broken);
    long ignore[] = { 1, 0, 0, 0, 0 };
    show(call(SIGACTION, SIGPIPE, ignore, 0, 8));
    show(call(WRITE, ends[1], "x", 1));
    struct { void *start; unsigned bytes; } vector[] = { { "ab", 2 }, { "cd", 2 } };
    show(call(WRITEV, ends[1], vector, 2));
    call(CLOSE, ends[1]);
    /* A copy of an end keeps it open. */
    make(ends, 0);
    int copy = call(DUP, ends[1]);
    call(CLOSE, ends[1]);
    show(call(WRITEV, copy, vector, 2));
    show(call(READ, ends[0], buffer, 3));
    call(CLOSE, copy);
    show(call(READ, ends[0], buffer, 3));
    show(call(READ, ends[0], buffer, 3));
    call(CLOSE, ends[0]);
}

static int poll_one(int fd, int events) {
    struct asked asked = { fd, events, 0x7fff };
    int ready = call(POLL, &asked, 1, 0);
    return ready < 0 ? ready : 1000 * ready + asked.found;
}

static void polls(void) {
    int ends[2], all = IN | OUT | IN_NORMAL | OUT_NORMAL;
    int file = call(OPEN, "file", O_RDONLY);
    show(poll_one(file, all));
    show(poll_one(file, OUT));
    show(poll_one(file, 0));
    show(poll_one(99, all));
    show(poll_one(-1, all));
    make(ends, 0);
    show(poll_one(ends[0], all));
    show(poll_one(ends[1], all));
    show(poll_one(ends[1], IN));
    call(WRITE, ends[1], "xy", 2);
    show(poll_one(ends[0], all));
    show(poll_one(ends[0], OUT));
    call(CLOSE, ends[1]);
    show(poll_one(ends[0], all));
    call(READ, ends[0], buffer, 2);
    show(poll_one(ends[0], all));
    show(poll_one(ends[0], 0));
    call(CLOSE, ends[0]);
    make(ends, O_NONBLOCK);
    while (call(WRITE, ends[1], buffer, PAGE) > 0)
        ;
    show(poll_one(ends[1], all));
    call(READ, ends[0], buffer, 1);
    show(poll_one(ends[1], all));
    call(CLOSE, ends[0]);
    show(poll_one(ends[1], all));
    show(poll_one(ends[1], 0));
    call(CLOSE, ends[1]);
    show(call(POLL, NOWHERE, 1, 0));
    show(call(POLL, NOWHERE, 0, 0));
    show(call(POLL, 0, 0, 5));
    show(call(POLL, 0, 0x7fffffff, 0));
    struct asked three[] = { { file, IN, 0 }, { -5, IN, 7 }, { 77, IN, 0 } };
    show(call(POLL, three, 3, -1));
    show(three[0].found + 100 * three[1].found + 10000 * three[2].found);
    long time[] = { 0, 1000000 }, wrong[] = { 0, 1000000000 }, negative[] = { -1, 0 };
    make(ends, 0);
    struct asked one = { ends[0], IN, 0 };
    show(call(PPOLL, &one, 1, time, 0, 8));
    show(time[0] + time[1]);
    show(call(PPOLL, &one, 1, wrong, 0, 8));
    show(call(PPOLL, &one, 1, negative, 0, 8));
    show(call(PPOLL, &one, 1, NOWHERE, 0, 8));
    /* What is waited for comes from another process. */
    int child = call(FORK);
    if (child == 0) {
        long moment[] = { 0, 2000000 };
        call(NANOSLEEP, moment, 0);
        call(WRITE, ends[1], "z", 1);
        call(EXIT_GROUP, 0);
    }
    show(call(POLL, &one, 1, -1));
    show(one.found);
    check(call(WAITPID, child, 0, 0) == child);
    both_closed(ends);
    call(CLOSE, file);
}

static void selects(void) {
    int ends[2];
    make(ends, 0);
    unsigned reader = 1u << ends[0], writer = 1u << ends[1], in, out, except = 0;
    long time[] = { 0, 0 }, soon[] = { 0, 1000 }, wrong[] = { -1, 0 };
    in = reader, out = writer;
    show(call(NEWSELECT, ends[1] + 1, &in, &out, 0, time));
    show((in == 0) + 2 * (out == writer));
    in = reader, out = reader;
    show(call(NEWSELECT, ends[1] + 1, &in, &out, 0, soon));
    show(soon[0] + soon[1]);
    show(in + out);
    call(WRITE, ends[1], "q", 1);
    in = reader | writer, out = reader | writer, except = reader;
    show(call(NEWSELECT, ends[1] + 1, &in, &out, &except, 0));
    show((in == reader) + 2 * (out == writer) + 4 * except);
    in = reader;
    show(call(NEWSELECT, ends[0], &in, 0, 0, time));
    show(in == reader);
    show(call(NEWSELECT, -1, &in, 0, 0, time));
    show(call(NEWSELECT, 32, NOWHERE, 0, 0, time));
    show(call(NEWSELECT, 32, 0, 0, 0, wrong));
    show(call(NEWSELECT, 32, 0, 0, 0, NOWHERE));
    call(CLOSE, ends[1]);
    in = reader | writer;
    show(call(NEWSELECT, ends[1] + 1, &in, 0, 0, time));
    in = reader;
    call(READ, ends[0], buffer, 1);
    show(call(NEWSELECT, ends[1] + 1, &in, 0, 0, 0));
    show(in == reader);
    call(CLOSE, ends[0]);
    show(call(NEWSELECT, 0, 0, 0, 0, soon));
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    bytes();
    full();
    ends();
    polls();
    selects();
    return 0;
}
