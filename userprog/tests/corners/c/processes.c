/* Processes: how they end, who waits for whom and how, what a new program keeps. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)

static int exits(int status) {
    int child = call(FORK);
    if (child == 0)
        call(EXIT_GROUP, status);
    return child;
}

/* A child that waits until its end of a pipe is closed. */
static int lasts(int *end) {
    int ends[2];
    char byte;
    check(call(PIPE, ends) == 0);
    int child = call(FORK);
    if (child == 0) {
        call(CLOSE, ends[1]);
        call(READ, ends[0], &byte, 1);
        call(EXIT_GROUP, 6);
    }
    call(CLOSE, ends[0]);
    *end = ends[1];
    return child;
}

static void waiting(void) {
    int status = 77, end, child, usage[18];
    show(call(WAITPID, -1, &status, 0));
    show(call(WAITPID, -1, &status, 1));
    show(call(WAITPID, 99999, &status, 0));
    child = exits(0x1ff);
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
    show(call(WAITPID, child, &status, 0));
    child = exits(7);
    show(call(WAIT4, child, &status, 0x100, 0));
    show(call(WAIT4, child, &status, 4, 0));
    show(call(WAIT4, child, &status, 0x40000000, usage) == child);
    show(status);
    show(call(WAIT4, 0x80000000, &status, 0, 0));
    child = lasts(&end);
    show(call(WAITPID, -1, &status, 1));
    show(call(WAITPID, child, &status, 1));
    show(call(WAITPID, 0, &status, 1));
    show(call(WAITPID, child + 1000, &status, 1));
    show(call(WAITPID, call(GETPID), &status, 1));
    show(call(WAITPID, -99999, &status, 1));
    call(CLOSE, end);
    show(call(WAITPID, -1, &status, 0) == child);
    show(status);
    /* Two end; which is first is not said. */
    int both = exits(1) + exits(2), sum = call(WAITPID, -1, &status, 0);
    sum += call(WAITPID, 0, &status, 0);
    show(both == sum);
    /* A status that has nowhere to go is lost. */
    child = exits(8);
    show(call(WAITPID, child, NOWHERE, 0));
    show(call(WAITPID, child, &status, 0));
    child = exits(8);
    show(call(WAIT4, child, &status, 0, NOWHERE));
    show(call(WAITPID, child, &status, 0));
    child = exits(9);
    show(call(WAITPID, child, 0, 0) == child);
    show(call(KILL, child, 0));
    /* One that has ended is there until it is waited for. */
    child = exits(9);
    while (call(WAIT4, child, &status, 0x01000001, 0) == -1000)
        ;
    show(call(WAITPID, -1, &status, 0) == child || status == 0x900);
    child = lasts(&end);
    show(call(KILL, child, SIGTERM));
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
    child = lasts(&end);
    show(call(KILL, child, SIGKILL));
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
}

static volatile int children_ended;

static void count(int signal) {
    (void)signal;
    children_ended++;
}

static void ends_of_children(void) {
    int status = 5, end, child;
    handle(SIGCHLD, count);
    child = exits(3);
    show(call(WAITPID, child, &status, 0) == child);
    show(children_ended);
    /* Who ignores the end of children has none to wait for. */
    long ignore[] = { 1, 0, 0, 0, 0 };
    show(call(SIGACTION, SIGCHLD, ignore, 0, 8));
    exits(1);
    exits(2);
    show(call(WAITPID, -1, &status, 0));
    child = lasts(&end);
    show(call(WAITPID, child, &status, 1));
    call(CLOSE, end);
    show(call(WAITPID, child, &status, 0));
    long no_wait[] = { (long)count, 0x04000002, (long)returns, 0, 0 };
    show(call(SIGACTION, SIGCHLD, no_wait, 0, 8));
    children_ended = 0;
    child = exits(3);
    show(call(WAITPID, child, &status, 0));
    show(children_ended);
    long usual[] = { 0, 0, 0, 0, 0 };
    show(call(SIGACTION, SIGCHLD, usual, 0, 8));
    child = exits(4);
    show(call(WAITPID, child, &status, 0) == child);
}

/* How a program ends that is started by a child, with its argument. */
static int run(const char *path, char *argument) {
    char *arguments[] = { "main", argument, 0 }, *environment[] = { "A=b", 0 };
    int status = -1, child = call(FORK);
    if (child == 0) {
        int error = call(EXECVE, path, arguments, environment);
        call(EXIT_GROUP, -error);
    }
    check(call(WAITPID, child, &status, 0) == child);
    return status;
}

static void programs(void) {
    char *none[] = { 0 };
    int fd = call(OPEN, "text", O_RDWR | O_CREAT, 0755);
    call(WRITE, fd, "no program\n", 11);
    call(CLOSE, fd);
    fd = call(OPEN, "script", O_RDWR | O_CREAT, 0755);
    call(WRITE, fd, "#!none\n", 7);
    call(CLOSE, fd);
    show(call(EXECVE, "none", none, none));
    show(call(EXECVE, "", none, none));
    show(call(EXECVE, ".", none, none));
    show(call(EXECVE, "file/x", none, none));
    show(call(EXECVE, "main/", none, none));
    show(call(EXECVE, "file", none, none));
    show(call(EXECVE, "script", none, none));
    show(call(EXECVE, NOWHERE, none, none));
    show(call(EXECVE, "main", NOWHERE, none));
    show(call(EXECVE, "main", none, NOWHERE));
    char *bad[] = { "main", NOWHERE, 0 };
    show(call(EXECVE, "main", bad, none));
    show(run("none", "x"));
    show(run("main", "kept"));
    long ignore[] = { 1, 0, 0, 0, 0 };
    unsigned long long set = 1 << (SIGUSR2 - 1);
    handle(SIGUSR1, count);
    check(call(SIGACTION, SIGTERM, ignore, 0, 8) == 0);
    check(call(SIGPROCMASK, 0, &set, 0, 8) == 0);
    check(call(OPEN, "file", O_RDONLY) == 3);
    check(call(OPEN, "file", O_RDONLY | O_CLOEXEC) == 4);
    check(call(DUP, 4) == 5);
    check(call(FCNTL64, 4, 1030, 10) == 10);
    check(call(LSEEK, 3, 4, 0) == 4);
    call(UMASK, 027);
    check(call(MKDIR, "here", 0755) == 0);
    check(call(CHDIR, "here") == 0);
    check(call(CLOSE, call(CREAT, "kept", 0644)) == 0);
    call(KILL, call(GETPID), SIGUSR2);
    show(run("../main", "kept"));
    check(call(CHDIR, "..") == 0);
}

/* What a new program finds. */
static int finds(int argc, char **argv) {
    long action[5];
    unsigned long long set = 0;
    char byte = 0, name[16] = "";
    say("arguments", argc);
    line(argv[0]);
    line(argv[argc + 1]);
    show(argv[argc + 2] == 0);
    for (int fd = 3; fd < 11; fd++)
        show(call(FCNTL64, fd, 1));
    show(call(READ, 3, &byte, 1));
    say("byte", byte);
    show(call(SIGACTION, SIGUSR1, 0, action, 8));
    show(action[0]);
    show(call(SIGACTION, SIGTERM, 0, action, 8));
    show(action[0]);
    show(call(SIGPROCMASK, 0, 0, &set, 8));
    show((int)set);
    show(call(SIGPENDING, &set, 8));
    show((int)set);
    show(call(UMASK, 0));
    show(call(ACCESS, "kept", 0));
    show(call(PRCTL, 16, name));
    line(name);
    return 44;
}

int test(int argc, char **argv) {
    if (argc == 2 && argv[1][0] == 'k')
        return finds(argc, argv);
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    waiting();
    ends_of_children();
    programs();
    return 0x123;
}
