/* What the tests of threads need beyond calls: threads and a lock. */
#ifndef THREADS_H
#define THREADS_H

#include "linux.h"

enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128 };

/* CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, PARENT_SETTID, CHILD_CLEARTID:
   those of pthread_create, but for the storage of a thread's own. */
#define THREAD 0x350f00
#define SET_TLS 0x80000

/* A thread that calls `run` with `argument`; `id` is zero when it has ended. */
struct thread {
    volatile int id;
    void *stack;
    int (*run)(void *argument);
    void *argument;
};

/* Starts a thread; returns what clone does. `tls` is a struct user_desc, or null. */
int start(struct thread *thread, int (*run)(void *), void *argument, void *tls);
/* The same with these flags. */
int start_as(int flags, struct thread *thread, int (*run)(void *), void *argument);
/* Waits for the end of a thread, and gives its stack back. */
void join(struct thread *thread);

/* A lock: 0 free, 1 held, 2 held while somebody may wait. */
typedef volatile int lock_t;
void lock(lock_t *lock);
void unlock(lock_t *lock);

/* Waits until a word is no longer `value`, letting others run. */
void until_not(volatile int *word, int value);

#endif
