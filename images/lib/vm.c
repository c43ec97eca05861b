// The extended system calls by name; see vm.h.
#include "vm.h"

pid_t fork(void)
{
    return syscall(SYS_FORK);
}

void *mmap2(void *address, unsigned length, int protection, int flags, int fd, unsigned offset)
{
    return (void *)syscall(SYS_MMAP2, address, length, protection, flags, fd, offset);
}

int map_error(const void *result)
{
    // The last page of the address space is the kernel's: no mapping is there.
    int error = (int)result;
    return error < 0 && error > -4096 ? error : 0;
}

int munmap2(void *address, unsigned length)
{
    return syscall(SYS_MUNMAP2, address, length);
}

int msync(void *address, unsigned length)
{
    return syscall(SYS_MSYNC, address, length);
}

int mprotect(void *address, unsigned length, int protection)
{
    return syscall(SYS_MPROTECT, address, length, protection);
}

int madvise(void *address, unsigned length, int advice)
{
    return syscall(SYS_MADVISE, address, length, advice);
}

int mincore(void *address, unsigned length, unsigned char *in_frame)
{
    return syscall(SYS_MINCORE, address, length, in_frame);
}

int pin_pages(void *address, unsigned length, int write)
{
    return syscall(SYS_PIN_PAGES, address, length, write);
}

int unpin_pages(void *address, unsigned length)
{
    return syscall(SYS_UNPIN_PAGES, address, length);
}

int pagemap(void *address, unsigned long long *entry)
{
    return syscall(SYS_PAGEMAP, address, entry);
}

unsigned physical(const void *address)
{
    return (unsigned)syscall(SYS_PHYSICAL, address);
}

pid_t getpid(void)
{
    return syscall(SYS_GETPID);
}

int yield(void)
{
    return syscall(SYS_YIELD);
}

int ftruncate(int fd, unsigned length)
{
    return syscall(SYS_FTRUNCATE, fd, length);
}

int vmstat(struct vmstat *stats)
{
    return syscall(SYS_VMSTAT, stats);
}
