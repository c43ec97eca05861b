// The system calls by name; see syscall.h.
#include "syscall.h"

void halt(void)
{
    syscall(SYS_HALT);
    for (;;)
        ;
}

void exit(int status)
{
    syscall(SYS_EXIT, status);
    for (;;)
        ;
}

pid_t exec(const char *command_line)
{
    return syscall(SYS_EXEC, command_line);
}

int wait(pid_t pid)
{
    return syscall(SYS_WAIT, pid);
}

// Results are bytes in %al for kernels that return a C bool.
static bool truth(int result)
{
    return (result & 0xff) != 0;
}

bool create(const char *file, unsigned initial_size)
{
    return truth(syscall(SYS_CREATE, file, initial_size));
}

bool remove(const char *file)
{
    return truth(syscall(SYS_REMOVE, file));
}

int open(const char *file)
{
    return syscall(SYS_OPEN, file);
}

int filesize(int fd)
{
    return syscall(SYS_FILESIZE, fd);
}

int read(int fd, void *buffer, unsigned size)
{
    return syscall(SYS_READ, fd, buffer, size);
}

int write(int fd, const void *buffer, unsigned size)
{
    return syscall(SYS_WRITE, fd, buffer, size);
}

void seek(int fd, unsigned position)
{
    syscall(SYS_SEEK, fd, position);
}

unsigned tell(int fd)
{
    return syscall(SYS_TELL, fd);
}

void close(int fd)
{
    syscall(SYS_CLOSE, fd);
}

mapid_t mmap(int fd, void *address)
{
    return syscall(SYS_MMAP, fd, address);
}

void munmap(mapid_t mapping)
{
    syscall(SYS_MUNMAP, mapping);
}

bool chdir(const char *directory)
{
    return truth(syscall(SYS_CHDIR, directory));
}

bool mkdir(const char *directory)
{
    return truth(syscall(SYS_MKDIR, directory));
}

bool readdir(int fd, char name[NAME_MAX_LEN + 1])
{
    return truth(syscall(SYS_READDIR, fd, name));
}

bool isdir(int fd)
{
    return truth(syscall(SYS_ISDIR, fd));
}

int inumber(int fd)
{
    return syscall(SYS_INUMBER, fd);
}
