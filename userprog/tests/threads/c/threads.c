#include "threads.h"

#define STACK_PAGES 4

/* clone(flags, stack, id, tls, id): the child finds its thread on its stack. */
__asm__("clone_thread: push %ebx; push %esi; push %edi\n"
        "mov 16(%esp), %ebx; mov 20(%esp), %ecx; mov 24(%esp), %edx; mov 28(%esp), %esi; mov 24(%esp), %edi\n"
        "mov $120, %eax; int $0x80; test %eax, %eax; jz 1f\n"
        "pop %edi; pop %esi; pop %ebx; ret\n"
        "1: xor %ebp, %ebp; pop %eax; call begin; mov %eax, %ebx; mov $1, %eax; int $0x80\n");

int clone_thread(int flags, void *stack, volatile int *id, void *tls);

__attribute__((used, regparm(1))) static int begin(struct thread *thread) {
    return thread->run(thread->argument);
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

void until_not(volatile int *word, int value) {
    while (*word == value)
        call(SCHED_YIELD);
}
