/* Names: directories, links to nowhere, what is renamed over what, what is open and has no name any more. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)

static char buffer[4096];

/* A file with a text of one byte. */
static void make(const char *name, char byte) {
    int fd = call(CREAT, name, 0644);
    check(fd >= 0);
    check(call(WRITE, fd, &byte, 1) == 1);
    check(call(CLOSE, fd) == 0);
}

/* The byte in a file, or an error. */
static int first_byte(const char *name) {
    char byte = 0;
    int fd = call(OPEN, name, O_RDONLY);
    if (fd < 0)
        return fd;
    int read = call(READ, fd, &byte, 1);
    call(CLOSE, fd);
    return read < 0 ? read : byte;
}

/* How many entries a directory has, counted with reads of `size` bytes, or an error. */
static int entries(const char *name, unsigned size) {
    int fd = call(OPEN, name, O_DIRECTORY), count = 0, bytes;
    if (fd < 0)
        return fd;
    while ((bytes = call(GETDENTS64, fd, buffer, size)) > 0)
        for (int at = 0; at < bytes; at += *(unsigned short *)(buffer + at + 16))
            count++;
    call(CLOSE, fd);
    return bytes < 0 ? bytes : count;
}

static int type_of(const char *name) {
    return call(LSTAT64, name, buffer) < 0 ? -1 : *(int *)(buffer + 16) >> 12;
}

static void directories(void) {
    show(call(MKDIR, "d", 0755));
    show(call(MKDIR, "d", 0755));
    show(call(MKDIR, "d/", 0755));
    show(call(MKDIR, "d/e/", 0755));
    show(call(MKDIR, "d/e/..", 0755));
    show(call(MKDIR, "file", 0755));
    show(call(MKDIR, "file/x", 0755));
    show(call(MKDIR, "none/x", 0755));
    show(call(MKDIR, ".", 0755));
    show(call(MKDIR, "/", 0755));
    show(call(MKDIR, "", 0755));
    show(call(MKDIR, NOWHERE, 0755));
    show(call(RMDIR, "d"));
    show(call(RMDIR, "d/."));
    show(call(RMDIR, "d/e/.."));
    show(call(RMDIR, "."));
    show(call(RMDIR, "file"));
    show(call(RMDIR, "file/"));
    show(call(RMDIR, "none"));
    show(call(UNLINK, "d"));
    show(call(UNLINK, "d/"));
    show(call(UNLINK, "file/"));
    show(call(UNLINK, "file/x"));
    show(call(UNLINK, "none"));
    show(call(UNLINK, "."));
    show(call(UNLINKAT, -100, "d/e", 0));
    show(call(UNLINKAT, -100, "file", 0x200));
    show(call(UNLINKAT, -100, "file", 0x4000));
    show(call(UNLINKAT, 99, "file", 0));
    show(call(UNLINKAT, -100, "d/e", 0x200));
    show(call(RMDIR, "d/"));
    show(type_of("d"));
}

static void paths(void) {
    show(call(MKDIR, "p", 0755));
    make("p/f", 'f');
    show(first_byte("p/./f"));
    show(first_byte("p//f"));
    show(first_byte("p/../p/f"));
    show(first_byte("none/../p/f"));
    show(first_byte("file/../p/f"));
    show(first_byte("file/./f"));
    show(first_byte("p/f/"));
    show(first_byte("p/f/."));
    show(call(ACCESS, "p/f/..", 0));
    show(call(STAT64, "file/", buffer));
    show(call(STAT64, "p/", buffer));
    show(call(STAT64, "", buffer));
    show(call(STAT64, "p", NOWHERE));
    show(call(FSTATAT64, 1, "p", buffer, 0));
    show(call(FSTATAT64, -100, "", buffer, 0));
    show(call(FSTATAT64, -100, "p", buffer, 0x80000000));
    show(call(ACCESS, "p", 7));
    show(call(ACCESS, "p", 8));
    show(call(ACCESS, "file", 1));
    show(call(FACCESSAT, -100, "none", 0));
    show(call(CHMOD, "none", 0644));
    show(call(READLINK, "file", buffer, 10));
    show(call(READLINK, "none", buffer, 10));
    show(call(READLINK, "file", buffer, 0));
    show(call(READLINK, "file", buffer, -1));
    show(call(OPEN, "p", O_DIRECTORY));
    show(call(OPENAT, 3, "f", O_RDONLY));
    show(call(OPENAT, 4, "f", O_RDONLY));
    show(call(OPENAT, 4, "/", O_RDONLY));
    show(call(OPENAT, 99, "f", O_RDONLY));
    show(call(MKDIRAT, 3, "q", 0755));
    show(call(FCHDIR, 4));
    show(call(FCHDIR, 3));
    show(type_of("f"));
    show(call(CHDIR, "f"));
    show(call(CHDIR, "none"));
    show(call(CHDIR, "q/../.."));
    show(type_of("p"));
    for (int fd = 3; fd < 6; fd++)
        call(CLOSE, fd);
    static char name[5000];
    for (int at = 0; at < 4999; at++)
        name[at] = 'n';
    show(call(OPEN, name, O_RDONLY));
    name[256] = 0;
    show(call(OPEN, name, O_RDONLY));
    show(call(OPEN, name, O_RDWR | O_CREAT, 0644));
    show(call(MKDIR, name, 0755));
    name[255] = 0;
    show(call(OPEN, name, O_RDONLY));
    show(call(RMDIR, "p/q"));
    show(call(UNLINK, "p/f"));
    show(call(RMDIR, "p"));
}

static void renames(void) {
    make("a", 'a');
    make("b", 'b');
    call(MKDIR, "d", 0755);
    call(MKDIR, "e", 0755);
    make("d/in", 'i');
    show(call(RENAME, "a", "d"));
    show(call(RENAME, "d", "a"));
    show(call(RENAME, "e", "d"));
    show(call(RENAME, "d", "d/e"));
    show(call(RENAME, "a", "a"));
    show(call(RENAME, "a", "none/a"));
    show(call(RENAME, "a", "b/a"));
    show(call(RENAME, "a/", "c"));
    show(call(RENAME, "a", "c/"));
    show(call(RENAME, "none", "c"));
    show(call(RENAME, "d/.", "c"));
    show(call(RENAME, "a", "."));
    show(call(RENAME, "", "c"));
    show(call(RENAME, "a", NOWHERE));
    show(call(RENAMEAT2, -100, "a", -100, "b", 1));
    show(call(RENAMEAT2, -100, "a", -100, "c", 1));
    show(call(RENAMEAT2, -100, "c", -100, "a", 8));
    show(call(RENAME, "c", "a"));
    /* What is open stays what it is, whatever gets its name. */
    show(call(OPEN, "b", O_RDWR));
    show(call(RENAME, "a", "b"));
    show(first_byte("a"));
    show(first_byte("b"));
    show(call(READ, 3, buffer, 8));
    show(buffer[0]);
    show(call(WRITE, 3, "more", 4));
    show(call(LSEEK, 3, 0, 2));
    show(call(FSTAT64, 3, buffer));
    show(*(int *)(buffer + 20)); /* its links */
    show(first_byte("b"));
    show(call(CLOSE, 3));
    show(call(RENAME, "d", "e"));
    show(first_byte("e/in"));
    show(first_byte("d/in"));
    show(call(RENAME, "e/in", "in"));
    show(first_byte("in"));
    /* One that has no name any more. */
    show(call(OPEN, "in", O_RDWR));
    show(call(UNLINK, "in"));
    show(first_byte("in"));
    show(call(PREAD64, 3, buffer, 8, 0, 0));
    show(call(PWRITE64, 3, "xyz", 3, 1, 0));
    show(call(FTRUNCATE, 3, 2));
    show(call(PREAD64, 3, buffer, 8, 0, 0));
    make("in", 'n');
    show(call(PREAD64, 3, buffer, 1, 0, 0));
    show(buffer[0]);
    show(call(CLOSE, 3));
    show(first_byte("in"));
}

static void listings(void) {
    char name[] = "l/0";
    show(call(MKDIR, "l", 0755));
    show(entries("l", 4096));
    for (int file = 0; file < 9; file++) {
        name[2] = '0' + file;
        make(name, 'l');
    }
    show(entries("l", 4096));
    show(entries("l", 60));
    show(entries("l", 8));
    show(entries("l", 0));
    show(entries("file", 4096));
    show(call(OPEN, "l", O_RDONLY));
    show(call(GETDENTS64, 3, NOWHERE, 4096));
    show(call(GETDENTS64, 3, buffer, 4096) > 0);
    show(call(GETDENTS64, 3, buffer, 4096));
    show(call(LSEEK, 3, 0, 0));
    show(call(GETDENTS64, 3, buffer, 4096) > 0);
    show(call(CLOSE, 3));
    show(call(GETDENTS64, 3, buffer, 4096));
    show(call(RMDIR, "l"));
    for (int file = 0; file < 9; file++) {
        name[2] = '0' + file;
        check(call(UNLINK, name) == 0);
    }
    /* A directory that is somebody's own has no name, and is there. */
    show(call(CHDIR, "l"));
    show(call(GETCWD, buffer, 1));
    show(call(GETCWD, buffer, 0));
    show(call(RMDIR, "../l"));
    show(call(GETCWD, buffer, 4096));
    show(call(OPEN, "x", O_RDWR | O_CREAT, 0644));
    show(call(MKDIR, "y", 0755));
    show(call(CHDIR, "/"));
    show(call(GETCWD, buffer, 4096));
    show(call(GETCWD, NOWHERE, 4096));
    line(buffer);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    directories();
    paths();
    renames();
    listings();
    return 0;
}
