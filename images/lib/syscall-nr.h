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

    // Calls that Pintos does not have start here; 20 to 63 stay free.
    SYS_EXTENDED = 64,
};

#endif
