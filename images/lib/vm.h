// The system calls that Pintos does not have, numbers 64 to 78: fork, mappings
// of every kind, advice about pages, pins, and queries about memory.
// Names and numbers are those of Linux where Linux has them.
//
// Negative results are errors: one of the numbers below, negated. A bad pointer
// (other than the range that a call is about) ends the process, as always.
//
// An address that starts a range has to be a multiple of the page size, or the
// call gives -EINVAL. A length counts in whole pages, the last one rounded up;
// a range that leaves user space is -ENOMEM.
#ifndef LIB_VM_H
#define LIB_VM_H

#include <stdint.h>

#include "syscall.h"

// Errors.
enum {
    ENOENT = 2,
    EIO = 5,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EFAULT = 14,
    EBUSY = 16,
    EEXIST = 17,
    EINVAL = 22,
    ENOSPC = 28,
};

// Protection of pages.
enum {
    PROT_NONE = 0,
    PROT_READ = 1,
    PROT_WRITE = 2,
    PROT_EXEC = 4,
};

// Kinds of mappings: one of the first two, and any of the others.
enum {
    MAP_SHARED = 1,
    MAP_PRIVATE = 2,
    // Accepted without effect: a mapping is always made at exactly its address.
    MAP_FIXED = 16,
    // Zeros instead of a file; private only.
    MAP_ANONYMOUS = 32,
};

// Advice.
enum {
    MADV_WILLNEED = 3,
    MADV_DONTNEED = 4,
    MADV_COLD = 20,
    MADV_PAGEOUT = 21,
};

// Parts of a pagemap entry.
#define PM_PRESENT (1ull << 63)
#define PM_SWAPPED (1ull << 62)
#define PM_FILE_OR_SHARED (1ull << 61)
#define PM_DIRTY (1ull << 55)
// The frame of a page that is present.
#define PM_FRAME(entry) ((uint32_t)(entry))
// The swap slot of a page that is swapped.
#define PM_SLOT(entry) ((uint32_t)((entry) >> 5))

// Counters of the virtual memory since the machine was started, and its state.
struct vmstat {
    unsigned faults;
    unsigned minor_faults;
    unsigned major_faults;
    unsigned evictions;
    unsigned swap_reads;
    unsigned swap_writes;
    unsigned file_reads;
    unsigned write_backs;
    unsigned copies;
    unsigned frames_in_use;
    unsigned frames_total;
    unsigned slots_in_use;
    unsigned slots_total;
    // Page tables of the calling process' part of the address space.
    unsigned page_tables;
};

// Makes a copy of this process: the same memory, copied on write, the same
// mappings (shared ones stay shared), and copies of the open files. Pins are
// not inherited. Returns the child's pid in the parent and 0 in the child;
// -EAGAIN if there are too many processes,
// -ENOMEM.
pid_t fork(void);

// Maps `length` bytes at exactly `address`: of the file `fd` from `offset` on,
// or zeros with MAP_ANONYMOUS. Returns `address` or an error, see map_error():
// -EINVAL for an invalid address, length, offset or flags, -EEXIST if a page of
// the range is in use, -ENOMEM if it leaves user space, -EBADF, -EACCES for a
// running program's file that would be shared and writable. Pages wholly past
// the end of the file can be mapped; touching one ends the process.
void *mmap2(void *address, unsigned length, int protection, int flags, int fd, unsigned offset);

// The error that mmap2() returned, below zero, or 0 if it returned an address.
int map_error(const void *result);

// Removes all mappings, or parts of mappings, in a range. -EINVAL if code, data
// or stack is in it. -EIO if a dirty page could not be written to its file; the
// range is unmapped nevertheless.
int munmap2(void *address, unsigned length);

// Writes dirty pages of shared mappings to their files. -EIO if one could not be
// written and stays dirty, -ENOMEM if a page is not mapped.
int msync(void *address, unsigned length);

// Changes the protection of pages. -ENOMEM if a page is not mapped, -EINVAL if
// one is pinned, -EACCES if a running program's file would become writable; an
// error changes nothing.
int mprotect(void *address, unsigned length, int protection);

// Advice about pages; their content stays, except with MADV_DONTNEED:
//   MADV_WILLNEED  brings them in;
//   MADV_DONTNEED  private pages are zero, or as their file has them, from now
//                  on; shared ones lose nothing;
//   MADV_COLD      treats them as if they had not been used for long;
//   MADV_PAGEOUT   evicts them, to swap or to their file.
// -ENOMEM if a page is not mapped, -EINVAL if one is pinned; the others are
// handled. -EIO if a page could not be written out.
int madvise(void *address, unsigned length, int advice);

// Sets bit 0 of a byte for each page if it is in a frame, and clears it if not.
// -ENOMEM if a page is not mapped.
int mincore(void *address, unsigned length, unsigned char *in_frame);

// Brings pages in and keeps each in its frame until it is unpinned as often as
// it was pinned. With `write` they are about to be written. -EFAULT if a page
// does not allow the access, -EAGAIN if half of all frames are pinned already.
int pin_pages(void *address, unsigned length, int write);

// Removes one pin of each page. -EINVAL if one has none; then nothing changes.
int unpin_pages(void *address, unsigned length);

// The pagemap entry of the page at `address`.
int pagemap(void *address, unsigned long long *entry);

// The physical address of a byte; 0 if its page is in no frame.
unsigned physical(const void *address);

// The pid of this process.
pid_t getpid(void);

// Lets other processes run.
int yield(void);

// Sets the length of an open file; new bytes are zero, whatever was stored there
// through a mapping. -EBADF; -EACCES for a running program's
// file; -ENOSPC.
int ftruncate(int fd, unsigned length);

// Fills in the counters.
int vmstat(struct vmstat *stats);

#endif
