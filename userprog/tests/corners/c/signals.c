/* Signals: masks, what is pending, handlers in handlers, flags of actions, stacks of their own, waiting for them,
   whole groups. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)
#define SET(signal) (1ull << ((signal) - 1))
enum { NO_DEFER = 0x40000000, RESET = 0x80000000, RESTART = 0x10000000, ON_STACK = 0x08000000, INFO = 4,
       RESTORER = 0x04000000 };

typedef unsigned long long set_t;

static volatile int order[16], orders;
static char stack[8192];

static void note(int signal) {
    if (orders < 16)
        order[orders++] = signal;
}

static void print_order(const char *text) {
    int number = 0;
    for (int at = 0; at < orders; at++)
        number = number * 100 + order[at];
    say(text, number);
    orders = 0;
}

static int with(int signal, void *handler, unsigned flags, set_t mask) {
    unsigned action[] = { (unsigned)handler, RESTORER | flags, (unsigned)(flags & INFO ? returns_with_info : returns),
                          (unsigned)mask, (unsigned)(mask >> 32) };
    return call(SIGACTION, signal, action, 0, 8);
}

static int raise(int signal) {
    return call(KILL, call(GETPID), signal);
}

static void block(set_t set) {
    check(call(SIGPROCMASK, 2, &set, 0, 8) == 0);
}

static int pending(void) {
    set_t set = -1;
    check(call(SIGPENDING, &set, 8) == 0);
    return set;
}

static void actions(void) {
    unsigned old[5];
    with(SIGUSR1, note, RESET | NO_DEFER | RESTART | 3, -1);
    show(call(SIGACTION, SIGUSR1, 0, old, 8));
    show(old[0] == (unsigned)note);
    show(old[1]);
    show(old[3]);
    show(old[4]);
    with(SIGUSR1, note, 0x00000100, 0);
    call(SIGACTION, SIGUSR1, 0, old, 8);
    show(old[1]);
    show(call(SIGACTION, 0, 0, old, 8));
    show(call(SIGACTION, 65, 0, old, 8));
    show(call(SIGACTION, 64, 0, old, 8));
    show(call(SIGACTION, SIGKILL, 0, old, 8));
    show(with(SIGKILL, note, 0, 0));
    show(with(SIGSTOP, 0, 0, 0));
    show(call(SIGACTION, SIGUSR1, 0, old, 4));
    show(call(SIGACTION, SIGUSR1, NOWHERE, 0, 8));
    show(call(SIGACTION, SIGUSR1, 0, NOWHERE, 8));
    set_t set = 0, all = -1;
    show(call(SIGPROCMASK, 9, &set, 0, 8));
    show(call(SIGPROCMASK, 9, 0, &set, 8));
    show(call(SIGPROCMASK, 0, &set, 0, 4));
    show(call(SIGPROCMASK, 0, NOWHERE, 0, 8));
    show(call(SIGPROCMASK, 0, 0, NOWHERE, 8));
    show(call(SIGPROCMASK, 0, &all, &set, 8));
    show((int)set);
    show(call(SIGPROCMASK, 1, &set, &all, 8));
    show((int)all);
    show((int)(all >> 32));
    show(call(SIGPENDING, NOWHERE, 8));
    show(call(SIGPENDING, &set, 9));
    block(0);
    show(call(KILL, call(GETPID), 65));
    show(call(KILL, call(GETPID), -1));
    show(call(KILL, call(GETPID), 0));
    show(call(KILL, 0x7fffffff, SIGTERM));
    show(call(KILL, -0x7ffffff, SIGTERM));
    show(call(KILL, -0x7ffffff, 65));
    show(call(TGKILL, call(GETPID), call(GETPID), 65));
    show(call(TGKILL, 0x7fffffff, call(GETPID), SIGTERM));
}

static void masks(void) {
    with(SIGUSR1, note, 0, 0);
    with(SIGUSR2, note, 0, 0);
    with(SIGHUP, note, 0, 0);
    block(SET(SIGUSR1) | SET(SIGUSR2) | SET(SIGHUP) | SET(SIGURG));
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGHUP);
    show(pending());
    show(orders);
    block(0);
    print_order("first last");
    /* What is ignored is kept while it is blocked, and goes when it is ignored anew or unblocked. */
    block(SET(SIGURG) | SET(SIGUSR1));
    raise(SIGURG);
    show(pending());
    with(SIGURG, note, 0, 0);
    show(pending());
    block(0);
    print_order("handled after all");
    block(SET(SIGURG) | SET(SIGUSR1));
    raise(SIGURG);
    raise(SIGUSR1);
    with(SIGUSR1, (void *)1, 0, 0);
    with(SIGURG, 0, 0, 0);
    show(pending());
    raise(SIGUSR1);
    show(pending());
    block(0);
    with(SIGUSR1, note, 0, 0);
    block(0);
    show(orders);
    /* A thread's own come before those of its process. */
    block(SET(SIGUSR1) | SET(SIGUSR2));
    raise(SIGUSR1);
    call(TKILL, call(GETTID), SIGUSR2);
    block(0);
    print_order("own last");
    /* A child has none of those that are pending, and the same mask. */
    block(SET(SIGUSR1));
    raise(SIGUSR1);
    int status = 0, child = call(FORK);
    if (child == 0) {
        set_t set = 0;
        call(SIGPROCMASK, 0, 0, &set, 8);
        call(EXIT_GROUP, pending() * 2 + (set == SET(SIGUSR1)));
    }
    check(call(WAITPID, child, &status, 0) == child);
    show(status >> 8);
    block(0);
    orders = 0;
}

static void nest(int signal) {
    note(signal);
    if (orders < 3)
        raise(SIGUSR1);
    note(signal + 50);
}

static void other(int signal) {
    note(signal);
    raise(SIGUSR2);
    set_t set;
    call(SIGPROCMASK, 0, 0, &set, 8);
    note((set & SET(SIGUSR1) ? 1 : 0) + (set & SET(SIGUSR2) ? 2 : 0) + (set & SET(SIGHUP) ? 4 : 0));
}

static volatile int default_again;

static void resets(int signal) {
    unsigned old[5];
    call(SIGACTION, signal, 0, old, 8);
    default_again = old[0] == 0;
    note(signal);
}

static void handlers(void) {
    with(SIGUSR1, nest, NO_DEFER, 0);
    raise(SIGUSR1);
    print_order("nested");
    with(SIGUSR1, nest, 0, 0);
    raise(SIGUSR1);
    print_order("one after the other");
    with(SIGUSR2, note, 0, 0);
    with(SIGUSR1, other, 0, SET(SIGHUP));
    raise(SIGUSR1);
    print_order("another inside");
    with(SIGUSR1, other, 0, SET(SIGUSR2));
    raise(SIGUSR1);
    print_order("another behind");
    with(SIGUSR1, other, NO_DEFER, SET(SIGUSR2) | SET(SIGKILL));
    raise(SIGUSR1);
    print_order("not deferred");
    with(SIGUSR1, resets, RESET, 0);
    raise(SIGUSR1);
    show(default_again);
    print_order("once");
    int status = 0, child = call(FORK);
    if (child == 0) {
        raise(SIGUSR1);
        call(EXIT_GROUP, 1);
    }
    check(call(WAITPID, child, &status, 0) == child);
    show(status);
}

static volatile int code_was, from_me, value_was, on_stack;

static void tell(int signal, int *info, void *context) {
    int here;
    (void)context;
    note(signal);
    code_was = info[2];
    from_me = info[3] == call(GETPID);
    value_was = info[5];
    on_stack = (char *)&here > stack && (char *)&here < stack + sizeof stack;
}

static volatile int inside;

static void change(int signal) {
    unsigned altstack[3] = { (unsigned)stack, 0, sizeof stack }, now[3];
    note(signal);
    inside = call(SIGALTSTACK, altstack, now);
    call(SIGALTSTACK, 0, now);
    note(now[1]);
}

static void information(void) {
    with(SIGUSR1, tell, INFO, 0);
    raise(SIGUSR1);
    show(code_was);
    show(from_me);
    call(TKILL, call(GETTID), SIGUSR1);
    show(code_was);
    show(from_me);
    with(SIGCHLD, tell, INFO, 0);
    int child = call(FORK);
    if (child == 0)
        call(EXIT_GROUP, 7);
    check(call(WAITPID, child, 0, 0) == child);
    show(code_was);
    show(value_was);
    child = call(FORK);
    if (child == 0)
        raise(SIGKILL);
    check(call(WAITPID, child, 0, 0) == child);
    show(code_was);
    show(value_was);
    with(SIGCHLD, 0, 0, 0);
    orders = 0;
    unsigned altstack[3] = { (unsigned)stack, 0, sizeof stack }, old[3] = { 9, 9, 9 };
    show(call(SIGALTSTACK, 0, old));
    show(old[1]);
    show(call(SIGALTSTACK, NOWHERE, 0));
    altstack[1] = 4;
    show(call(SIGALTSTACK, altstack, 0));
    altstack[1] = 0, altstack[2] = 1000;
    show(call(SIGALTSTACK, altstack, 0));
    altstack[2] = sizeof stack;
    show(call(SIGALTSTACK, altstack, old));
    with(SIGUSR1, tell, INFO | ON_STACK, 0);
    raise(SIGUSR1);
    show(on_stack);
    with(SIGUSR1, tell, INFO, 0);
    raise(SIGUSR1);
    show(on_stack);
    with(SIGUSR1, change, ON_STACK, 0);
    orders = 0;
    raise(SIGUSR1);
    show(inside);
    print_order("on it");
    altstack[1] = 2;
    show(call(SIGALTSTACK, altstack, old));
    show(old[1] + (old[0] == (unsigned)stack));
    with(SIGUSR1, tell, INFO | ON_STACK, 0);
    raise(SIGUSR1);
    show(on_stack);
    orders = 0;
}

static void waits(void) {
    set_t none = 0, only = SET(SIGUSR2), set = 0;
    long moment[] = { 10, 0 }, left[] = { 0, 0 }, timer[] = { 0, 0, 0, 20000 };
    int ends[2], status;
    char byte = 0;
    with(SIGUSR1, note, 0, 0);
    with(SIGUSR2, note, 0, 0);
    with(SIGALRM, note, 0, 0);
    block(SET(SIGUSR1));
    raise(SIGUSR1);
    show(call(SIGSUSPEND, &none, 8));
    print_order("suspended");
    call(SIGPROCMASK, 0, 0, &set, 8);
    show((int)set);
    raise(SIGUSR1);
    call(SETITIMER, 0, timer, 0);
    only = -1ull & ~SET(SIGALRM);
    show(call(SIGSUSPEND, &only, 8));
    print_order("not the blocked one");
    show(pending());
    block(0);
    show(call(SIGSUSPEND, &none, 4));
    show(call(SIGSUSPEND, NOWHERE, 8));
    orders = 0;
    call(SETITIMER, 0, timer, 0);
    show(call(PAUSE));
    call(SETITIMER, 0, timer, 0);
    show(call(NANOSLEEP, moment, left));
    show(left[0]);
    show(left[1] > 0);
    print_order("twice");
    check(call(PIPE, ends) == 0);
    call(SETITIMER, 0, timer, 0);
    show(call(READ, ends[0], &byte, 1));
    int child = call(FORK);
    if (child == 0) {
        long later[] = { 0, 60000000 };
        call(NANOSLEEP, later, 0);
        call(WRITE, ends[1], "w", 1);
        call(EXIT_GROUP, 2);
    }
    orders = 0;
    with(SIGALRM, note, RESTART, 0);
    call(SETITIMER, 0, timer, 0);
    show(call(READ, ends[0], &byte, 1));
    print_order("restarted");
    show(call(WAITPID, child, &status, 0) == child);
    call(CLOSE, ends[0]);
    call(CLOSE, ends[1]);
}

/* One that has a group of its own is not reached by a signal for that of its parent. */
static void groups(void) {
    int status = 0, ends[2], child;
    char byte;
    show(call(SETPGID, 0, 0));
    show(call(GETPGRP) == call(GETPID));
    show(call(GETPGID, 0) == call(GETPID));
    show(call(GETPGID, 0x7fffffff));
    show(call(SETPGID, 0x7fffffff, 0));
    show(call(SETPGID, 0, -1));
    show(call(SETSID));
    with(SIGUSR1, note, 0, 0);
    show(call(KILL, 0, SIGUSR1));
    show(call(KILL, -call(GETPID), SIGUSR1));
    print_order("to all of the group");
    check(call(PIPE, ends) == 0);
    child = call(FORK);
    if (child == 0) {
        call(CLOSE, ends[1]);
        with(SIGUSR1, 0, 0, 0);
        call(SETPGID, 0, 0);
        call(READ, ends[0], &byte, 1);
        call(EXIT_GROUP, call(GETPGRP) == call(GETPID) ? 4 : 5);
    }
    call(CLOSE, ends[0]);
    show(call(SETPGID, child, child));
    show(call(GETPGID, child) == child);
    show(call(KILL, 0, SIGUSR1));
    show(call(WAITPID, 0, &status, 1));
    show(call(WAITPID, -child, &status, 1));
    call(CLOSE, ends[1]);
    show(call(WAITPID, -child, &status, 0) == child);
    show(status);
    show(call(KILL, -child, 0));
    orders = 0;
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    actions();
    masks();
    handlers();
    information();
    waits();
    groups();
    return 0;
}
