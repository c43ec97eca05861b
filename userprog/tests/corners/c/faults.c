/* Faults: the address and the code in a handler's siginfo, memory that a handler makes accessible, the ends that
   nobody handles. */
#include "linux.h"

#define AT ((char *)0x20000000)
#define ANY (PROT_READ | PROT_WRITE)
#define OWN (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

static volatile int signal_was, code_was, faults;
static volatile long address_was;

/* Where the program goes on that has faulted; the handler puts it into the frame. */
static volatile long after;

static void jump(int signal, int *info, long *context) {
    signal_was = signal;
    code_was = info[2];
    address_was = info[3];
    faults++;
    context[5 + 14] = after; /* EIP, behind uc_flags, uc_link, uc_stack */
}

static void mend(int signal, int *info, long *context) {
    (void)context;
    signal_was = signal;
    code_was = info[2];
    address_was = info[3];
    faults++;
    char *page = (char *)(info[3] & -PAGE);
    call(MMAP2, page, PAGE, ANY, OWN, -1, 0);
    *page = 'm';
}

static void handle_with(int signal, void (*handler)(int, int *, long *), long flags) {
    long action[] = { (long)handler, 0x04000004 | flags, (long)returns_with_info, 0, 0 };
    check(call(SIGACTION, signal, action, 0, 8) == 0);
}

static void report(const char *what, char *expected) {
    line(what);
    say("  signal", signal_was);
    say("  code", code_was);
    say("  there", address_was == (long)expected);
    signal_was = code_was = address_was = 0;
}

#define LANDING "movl $1f, after\n"
#define load(from) __asm__ volatile(LANDING "movb (%0), %%al\n1:" : : "r"(from) : "eax", "memory")
#define store(to) __asm__ volatile(LANDING "movb $1, (%0)\n1:" : : "r"(to) : "memory")
#define jump_to(there) __asm__ volatile(LANDING "jmp *%0\n1:" : : "r"(there) : "memory")

static void codes(void) {
    int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    for (int at = 0; at < 5; at++)
        handle_with(signals[at], jump, 0);
    load((char *)0);
    report("load from null", 0);
    store((char *)0x10);
    report("store near null", (char *)0x10);
    load((char *)0xc0001234);
    report("load from the kernel", (char *)0xc0001234);
    store((char *)0xfffffff0);
    report("store to the last page", (char *)0xfffffff0);
    check((char *)call(MMAP2, AT, 4 * PAGE, ANY, OWN, -1, 0) == AT);
    check(call(MPROTECT, AT, PAGE, PROT_READ) == 0);
    check(call(MPROTECT, AT + PAGE, PAGE, PROT_NONE) == 0);
    store(AT + 5);
    report("store to what is only read, not touched", AT + 5);
    load(AT + 5);
    store(AT + 6);
    report("store to what is only read, touched", AT + 6);
    load(AT + PAGE + 7);
    report("load without a right, not touched", AT + PAGE + 7);
    check(call(MPROTECT, AT + PAGE, PAGE, ANY) == 0);
    AT[PAGE] = 1;
    check(call(MPROTECT, AT + PAGE, PAGE, PROT_NONE) == 0);
    load(AT + PAGE + 8);
    report("load without a right, touched", AT + PAGE + 8);
    store(AT + PAGE + 9);
    report("store without a right", AT + PAGE + 9);
    check(call(MUNMAP, AT + 2 * PAGE, PAGE) == 0);
    load(AT + 3 * PAGE - 1);
    report("load from a hole", AT + 3 * PAGE - 1);
    store((char *)(long)codes);
    report("store to code", (char *)(long)codes);
    jump_to((char *)0x30000000);
    report("jump to nothing", (char *)0x30000000);
    /* A word over two pages: what faults is in the second. */
    __asm__ volatile(LANDING "movl (%0), %%eax\n1:" : : "r"(AT + 2 * PAGE - 2) : "eax", "memory");
    say("in one of both", address_was == (long)AT + 2 * PAGE - 2 || address_was == (long)AT + 2 * PAGE);
    int fd = call(OPEN, "file", O_RDWR);
    char *mapped = (char *)call(MMAP2, 0, 2 * PAGE, ANY, MAP_SHARED, fd, 0);
    load(mapped + 100);
    say("behind a short file", faults);
    load(mapped + PAGE + 100);
    report("past the end of a file", mapped + PAGE + 100);
    store(mapped + PAGE + 4095);
    report("store past the end of a file", mapped + PAGE + 4095);
    check(call(FTRUNCATE, fd, 0) == 0);
    load(mapped);
    report("a file that has shrunk", mapped);
    check(call(FTRUNCATE, fd, 5) == 0);
    load(mapped);
    say("no signal", signal_was);
    __asm__ volatile(LANDING "xor %%ecx, %%ecx; divl %%ecx\n1:" : : : "eax", "ecx", "edx", "memory");
    say("signal", signal_was);
    say("code", code_was);
    __asm__ volatile(LANDING "ud2\n1:" : : : "memory");
    say("signal", signal_was);
    say("code", code_was);
    __asm__ volatile(LANDING "hlt\n1:" : : : "memory");
    say("signal", signal_was);
    say("code", code_was);
    __asm__ volatile(LANDING "int3\n1:" : : : "memory");
    say("signal", signal_was);
    say("code", code_was);
    say("faults", faults);
}

static void mending(void) {
    handle_with(SIGSEGV, mend, 0);
    faults = 0;
    char *far = AT + 100 * PAGE;
    int sum = 0;
    for (int page = 0; page < 12; page++)
        sum += far[page * PAGE + page];
    for (int page = 0; page < 12; page++)
        sum += far[page * PAGE];
    say("faults", faults);
    say("sum", sum);
    /* The handler faults too, and may not be called again: the program ends. */
    int status = 0, child = call(FORK);
    if (child == 0) {
        handle_with(SIGSEGV, (void (*)(int, int *, long *))0x30000000, 0);
        *(volatile char *)0 = 1;
        call(EXIT_GROUP, 3);
    }
    check(call(WAITPID, child, &status, 0) == child);
    show(status & 0x7f);
}

/* How a child ends that does this. */
static int ends_by(void (*deed)(void)) {
    int status = -1, child = call(FORK);
    if (child == 0) {
        deed();
        call(EXIT_GROUP, 5);
    }
    check(call(WAITPID, child, &status, 0) == child);
    return status & ~0x80;
}

static void by_default(void) {
    long action[] = { 0, 0, 0, 0, 0 };
    call(SIGACTION, SIGSEGV, action, 0, 8);
    *(volatile char *)0 = 1;
}

static void while_ignored(void) {
    long action[] = { 1, 0, 0, 0, 0 };
    call(SIGACTION, SIGSEGV, action, 0, 8);
    *(volatile char *)0 = 1;
}

static void while_blocked(void) {
    unsigned long long all = -1;
    handle_with(SIGSEGV, mend, 0);
    call(SIGPROCMASK, 0, &all, 0, 8);
    *(volatile char *)0x30000000 = 1;
}

static void without_stack(void) {
    handle_with(SIGSEGV, jump, 0);
    __asm__ volatile("mov $0x30000000, %esp; push %eax");
}

static void twice(void) {
    handle_with(SIGSEGV, mend, 0x80000000); /* SA_RESETHAND */
    *(volatile char *)0x30000000 = 1;
    *(volatile char *)0x30001000 = 1;
}

static void divide(void) {
    long action[] = { 0, 0, 0, 0, 0 };
    call(SIGACTION, SIGFPE, action, 0, 8);
    __asm__ volatile("xor %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
}

static int stack_grows(int depth) {
    volatile char page[PAGE];
    page[0] = depth;
    return depth == 0 ? 0 : page[0] * 0 + 1 + stack_grows(depth - 1);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    codes();
    mending();
    show(ends_by(by_default));
    show(ends_by(while_ignored));
    show(ends_by(while_blocked));
    show(ends_by(without_stack));
    show(ends_by(twice));
    show(ends_by(divide));
    show(stack_grows(60));
    return 0;
}
