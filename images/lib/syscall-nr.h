// The numbers of the system calls. `int $0x30` takes the number at (%esp).
#ifndef LIB_SYSCALL_NR_H
#define LIB_SYSCALL_NR_H

enum {
    SYS_HALT = 0,
    SYS_EXIT = 1,
    SYS_EXEC = 2,
    SYS_WAIT = 3,
    SYS_CREATE = 4,
    SYS_REMOVE = 5,
    SYS_OPEN = 6,
    SYS_FILESIZE = 7,
    SYS_READ = 8,
    SYS_WRITE = 9,
    SYS_SEEK = 10,
    SYS_TELL = 11,
    SYS_CLOSE = 12,
    SYS_MMAP = 13,
    SYS_MUNMAP = 14,
    SYS_CHDIR = 15,
    SYS_MKDIR = 16,
    SYS_READDIR = 17,
    SYS_ISDIR = 18,
    SYS_INUMBER = 19,

    // Calls that Pintos does not have start here; 20 to 63 stay free. See vm.h.
    SYS_FORK = 64,
    SYS_MMAP2 = 65,
    SYS_MUNMAP2 = 66,
    SYS_MSYNC = 67,
    SYS_MPROTECT = 68,
    SYS_MADVISE = 69,
    SYS_MINCORE = 70,
    SYS_PIN_PAGES = 71,
    SYS_UNPIN_PAGES = 72,
    SYS_PAGEMAP = 73,
    SYS_PHYSICAL = 74,
    SYS_GETPID = 75,
    SYS_YIELD = 76,
    SYS_FTRUNCATE = 77,
    SYS_VMSTAT = 78,
};

#endif
