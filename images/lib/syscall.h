// System calls of the Pintos interface, numbers 0 to 19.
//
// A call with a bad pointer does not return: the kernel ends the process with
// status -1.
#ifndef LIB_SYSCALL_H
#define LIB_SYSCALL_H

#include <stdbool.h>

#include "syscall-nr.h"

typedef int pid_t;
typedef int mapid_t;

#define PID_ERROR ((pid_t)-1)
#define MAP_FAILED ((mapid_t)-1)

#define STDIN_FILENO 0
#define STDOUT_FILENO 1

// The longest file name, without the byte that ends it.
#define NAME_MAX_LEN 14

// Makes the system call `number` with the arguments that follow, each of them
// one 32-bit word, and returns what the kernel left in %eax. All calls below
// use it; it takes any number of arguments.
int syscall(int number, ...);

// Powers the machine off.
void halt(void) __attribute__((noreturn));

// Ends the process. Its parent gets `status` from wait().
void exit(int status) __attribute__((noreturn));

// Starts the program named by the first word of `command_line`, the other
// words being its arguments. Returns its pid, or PID_ERROR if it cannot be
// loaded.
pid_t exec(const char *command_line);

// Waits until child `pid` has ended and returns its status: -1 if the kernel
// ended it, if it is not our child, or was waited for before.
int wait(pid_t pid);

// Makes a file of `initial_size` zero bytes. False if it exists already or the
// name does not have 1 to 14 bytes.
bool create(const char *file, unsigned initial_size);

// Deletes a file's name. Processes that have it open can go on using it.
bool remove(const char *file);

// Opens a file and returns its descriptor, 2 or above, or -1.
int open(const char *file);

// The size of an open file in bytes.
int filesize(int fd);

// Reads up to `size` bytes; returns how many it read, 0 at the end of the
// file, -1 if `fd` cannot be read. Descriptor 0 is the keyboard.
int read(int fd, void *buffer, unsigned size);

// Writes up to `size` bytes; returns how many it wrote, or -1. Descriptor 1 is
// the console. A running program's executable takes none: 0.
int write(int fd, const void *buffer, unsigned size);

// Sets the position of `fd`, which may be past the end of the file.
void seek(int fd, unsigned position);

// The position of `fd`.
unsigned tell(int fd);

// Closes `fd`.
void close(int fd);

// Maps the whole file at `address`, a multiple of the page size. MAP_FAILED if
// the file is empty, `address` is unfit or any page of it is in use.
mapid_t mmap(int fd, void *address);

// Ends a mapping and writes its changed pages to the file.
void munmap(mapid_t mapping);

// Directories.
bool chdir(const char *directory);
bool mkdir(const char *directory);
bool readdir(int fd, char name[NAME_MAX_LEN + 1]);
bool isdir(int fd);
int inumber(int fd);

#endif
