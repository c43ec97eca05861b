#include "threads.h"

#define PAGE 4096
#define STACK_PAGES 4

__asm__(".globl _start\n"
        "_start: mov (%esp), %eax; lea 4(%esp), %edx; and $-16, %esp; sub $8, %esp; push %edx; push %eax\n"
        "call test; mov %eax, %ebx; mov $252, %eax; int $0x80\n"
        ".globl call6\n"
        "call6: push %ebp; push %ebx; push %esi; push %edi\n"
        "mov 20(%esp), %eax; mov 24(%esp), %ebx; mov 28(%esp), %ecx; mov 32(%esp), %edx\n"
        "mov 36(%esp), %esi; mov 40(%esp), %edi; mov 44(%esp), %ebp; int $0x80\n"
        "pop %edi; pop %esi; pop %ebx; pop %ebp; ret\n"
        /* clone(flags, stack, id, tls, id): the child finds its thread on its stack. */
        "clone_thread: push %ebx; push %esi; push %edi\n"
        "mov 16(%esp), %ebx; mov 20(%esp), %ecx; mov 24(%esp), %edx; mov 28(%esp), %esi; mov 24(%esp), %edi\n"
        "mov $120, %eax; int $0x80; test %eax, %eax; jz 1f\n"
        "pop %edi; pop %esi; pop %ebx; ret\n"
        "1: xor %ebp, %ebp; pop %eax; call begin; mov %eax, %ebx; mov $1, %eax; int $0x80\n"
        ".globl returns; returns: mov $119, %eax; pop %ecx; int $0x80\n");

int clone_thread(int flags, void *stack, volatile int *id, void *tls);
void returns(void);

__attribute__((used, regparm(1))) static int begin(struct thread *thread) {
    return thread->run(thread->argument);
}

void *pages(unsigned count, int shared) {
    long at = call(MMAP2, 0, count * PAGE, 3, 0x20 | (shared ? 1 : 2), -1, 0);
    check(at < 0 || at > 0x1000);
    return (void *)at;
}

static int start_with(int flags, struct thread *thread, int (*run)(void *), void *argument, void *tls) {
    thread->run = run;
    thread->argument = argument;
    thread->stack = pages(STACK_PAGES, 0);
    thread->id = -1;
    /* 16 bytes below the end: where the thread finds its description. */
    struct thread **top = (struct thread **)((char *)thread->stack + STACK_PAGES * PAGE) - 4;
    *top = thread;
    int id = clone_thread(flags, top, &thread->id, tls);
    if (id < 0)
        call(MUNMAP, thread->stack, STACK_PAGES * PAGE);
    return id;
}

int start(struct thread *thread, int (*run)(void *), void *argument, void *tls) {
    return start_with(THREAD | (tls ? SET_TLS : 0), thread, run, argument, tls);
}

int start_as(int flags, struct thread *thread, int (*run)(void *), void *argument) {
    return start_with(flags, thread, run, argument, 0);
}

void join(struct thread *thread) {
    for (int id; (id = thread->id) != 0;)
        call(FUTEX, &thread->id, WAIT, id, 0, 0, 0);
    call(MUNMAP, thread->stack, STACK_PAGES * PAGE);
}

void lock(lock_t *lock) {
    int was = __sync_val_compare_and_swap(lock, 0, 1);
    while (was != 0) {
        if (was == 2 || __sync_val_compare_and_swap(lock, 1, 2) != 0)
            call(FUTEX, lock, WAIT | PRIVATE, 2, 0, 0, 0);
        was = __sync_val_compare_and_swap(lock, 0, 2);
    }
}

void unlock(lock_t *lock) {
    if (__sync_lock_test_and_set(lock, 0) == 2)
        call(FUTEX, lock, WAKE | PRIVATE, 1, 0, 0, 0);
}

void handle(int signal, void (*handler)(int)) {
    long action[] = { (long)handler, 0x04000000, (long)returns, 0, 0 };
    check(call(SIGACTION, signal, action, 0, 8) == 0);
}

void until_not(volatile int *word, int value) {
    while (*word == value)
        call(SCHED_YIELD);
}

void say(const char *text, int number) {
    char line[128], digits[12];
    int length = 0, count = 0;
    unsigned left = number < 0 ? -(unsigned)number : (unsigned)number;
    do
        digits[count++] = '0' + left % 10;
    while ((left /= 10) > 0);
    for (; *text; text++)
        line[length++] = *text;
    line[length++] = ' ';
    if (number < 0)
        line[length++] = '-';
    while (count > 0)
        line[length++] = digits[--count];
    line[length++] = '\n';
    call(WRITE, 1, line, length);
}
