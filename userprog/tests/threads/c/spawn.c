/* A child that has its parent's memory tells there why its program did not start, as
   posix_spawn has it; and what it allocates is the parent's. */
#include "threads.h"

static volatile int error;

/* It has no frame that the child could leave, which is on the parent's stack. */
static inline __attribute__((always_inline)) int vfork(void) {
    int child;
    __asm__ volatile("int $0x80" : "=a"(child) : "a"(VFORK) : "memory");
    return child;
}

/* A child on the parent's stack: it may not return. */
__attribute__((noinline)) static int spawn(const char *path) {
    char *arguments[] = { (char *)path, 0 };
    error = 0;
    int child = vfork();
    if (child == 0) {
        error = call(EXECVE, path, arguments, 0);
        call(EXIT_GROUP, 127);
    }
    return child;
}

static int in_child(void *path) {
    char *arguments[] = { path, 0 };
    error = call(EXECVE, path, arguments, 0);
    return 126;
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc == 1 && argv[0][0] == '/' && argv[0][1] == 'p' && argv[0][2] == 'r') {
        say("a program of its own", 0);
        return 4;
    }
    int status = -1, child = spawn("/no/such/program");
    check(call(WAITPID, child, &status, 0) == child);
    say("why", error);
    say("status", status);
    child = spawn("/proc/self/exe");
    check(call(WAITPID, child, &status, 0) == child);
    say("why", error);
    say("status", status);

    /* clone(CLONE_VM | CLONE_VFORK) on a stack of its own, as a C library does it. */
    static struct thread other;
    long break_before = call(BRK, 0);
    child = start_as(0x4111, &other, in_child, "/no/such/program");
    check(call(WAITPID, child, &status, 0) == child);
    say("why", error);
    say("status", status);
    child = vfork();
    if (child == 0) {
        call(BRK, break_before + 4096);
        *(int *)break_before = 8;
        call(EXIT_GROUP, 0);
    }
    check(call(WAITPID, child, &status, 0) == child);
    check(call(BRK, 0) == break_before + 4096);
    say("in the heap", *(int *)break_before);
    return 0;
}
