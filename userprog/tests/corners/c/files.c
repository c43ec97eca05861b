/* Descriptors and data: flags of open, positions, transfers, vectors, lengths. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)

static char buffer[8192];

/* The content of a file, which is short, as a line. */
static void content(const char *name) {
    char text[64];
    int fd = call(OPEN, name, O_RDONLY), length = call(READ, fd, text, sizeof text - 1);
    call(CLOSE, fd);
    for (int at = 0; at < length; at++)
        if (text[at] == 0)
            text[at] = '.';
    text[length < 0 ? 0 : length] = 0;
    line(text);
}

static int same(const char *a, const char *b, int length) {
    while (length-- > 0)
        if (*a++ != *b++)
            return 0;
    return 1;
}

static void flags_of_open(void) {
    show(call(OPEN, "none", O_RDONLY));
    show(call(OPEN, "none", O_WRONLY));
    show(call(OPEN, "", O_CREAT, 0644));
    show(call(OPEN, 0, O_RDONLY));
    show(call(OPEN, NOWHERE, O_RDONLY));
    show(call(OPEN, "file", O_CREAT | O_EXCL, 0644));
    show(call(OPEN, "new", O_CREAT | O_EXCL | O_RDWR, 0644));
    show(call(OPEN, "new", O_CREAT | O_EXCL | O_RDWR, 0644));
    show(call(CLOSE, 3));
    show(call(OPEN, "file", O_DIRECTORY));
    show(call(OPEN, "file/", O_RDONLY));
    show(call(OPEN, "file/x", O_RDONLY));
    show(call(OPEN, "file/x", O_RDWR | O_CREAT, 0644));
    show(call(OPEN, "none/x", O_RDWR | O_CREAT, 0644));
    show(call(OPEN, "none/", O_RDWR | O_CREAT, 0644));
    show(call(OPEN, ".", O_RDWR));
    show(call(OPEN, ".", O_RDONLY | O_CREAT, 0644));
    show(call(OPEN, ".", O_RDONLY | O_TRUNC));
    show(call(OPEN, ".", O_RDONLY | O_CREAT | O_EXCL, 0644));
    show(call(OPEN, "file", 3));
    show(call(READ, 3, buffer, 1));
    show(call(WRITE, 3, buffer, 1));
    show(call(CLOSE, 3));
    show(call(OPEN, "new", O_RDWR));
    show(call(WRITE, 3, "some text", 9));
    show(call(OPEN, "new", O_RDONLY | O_TRUNC));
    show(call(LSEEK, 3, 0, 2));
    show(call(CLOSE, 4));
    show(call(CLOSE, 3));
    show(call(OPEN, "file", O_PATH));
    show(call(READ, 3, buffer, 1));
    show(call(WRITE, 3, buffer, 1));
    show(call(LSEEK, 3, 0, 0));
    show(call(FTRUNCATE, 3, 0));
    show(call(FCNTL64, 3, 3) & 03);
    show(call(IOCTL, 3, 0x5401, buffer));
    show(call(FSYNC, 3));
    show(call(FSTAT64, 3, buffer));
    show(call(CLOSE, 3));
    show(call(OPEN, "file", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
    show(call(FCNTL64, 3, 1));
    show(call(FCNTL64, 3, 3) & (O_WRONLY | O_APPEND | O_NONBLOCK | O_CREAT));
    show(call(FCNTL64, 3, 4, O_CREAT | O_TRUNC | O_RDWR));
    show(call(FCNTL64, 3, 3) & (3 | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC));
    show(call(FCNTL64, 3, 99));
    show(call(CLOSE, 3));
    show(call(CLOSE, -1));
}

static void positions(void) {
    long long result = 7;
    show(call(OPEN, "file", O_RDWR));
    show(call(LSEEK, 3, 100, 0));
    show(call(READ, 3, buffer, 10));
    show(call(LSEEK, 3, -1, 0));
    show(call(LSEEK, 3, -21, 2));
    show(call(LSEEK, 3, -20, 2));
    show(call(LSEEK, 3, 5, 5));
    show(call(LSEEK, 3, 0, 1));
    show(call(LSEEK, 3, 4, 3)); /* SEEK_DATA */
    show(call(LSEEK, 3, 20, 3));
    show(call(LSEEK, 3, 4, 4)); /* SEEK_HOLE */
    show(call(LSEEK, 3, 21, 4));
    show(call(LSEEK, 3, -1, 3));
    show(call(LLSEEK, 3, 1, 0, &result, 0));
    show((int)(result >> 32));
    show(call(READ, 3, buffer, 1));
    show(call(LLSEEK, 3, -1, -1, &result, 0));
    show(call(LLSEEK, 3, 0, 3, NOWHERE, 0));
    show(call(LSEEK, 3, 0, 1));
    show(call(LSEEK, 99, 0, 1));
    show(call(PREAD64, 3, buffer, 4, 18, 0));
    show(call(PREAD64, 3, buffer, 4, 20, 0));
    show(call(PREAD64, 3, buffer, 4, -1, -1));
    show(call(PWRITE64, 3, "XY", 2, 24, 0));
    show(call(PWRITE64, 3, "XY", 2, 0, 0x80000000));
    show(call(LSEEK, 3, 0, 1));
    content("file");
    show(call(FCNTL64, 3, 4, O_APPEND));
    show(call(PWRITE64, 3, "PW", 2, 0, 0));
    show(call(LSEEK, 3, 0, 1));
    show(call(WRITE, 3, "AP", 2));
    show(call(LSEEK, 3, 0, 1));
    show(call(WRITE, 3, NOWHERE, 0));
    content("file");
    show(call(DUP, 3));
    show(call(LSEEK, 4, 2, 0));
    show(call(LSEEK, 3, 0, 1));
    show(call(FCNTL64, 4, 3) & O_APPEND);
    show(call(OPEN, "file", O_RDONLY));
    show(call(LSEEK, 5, 0, 1));
    show(call(CLOSE, 5));
    show(call(DUP2, 4, 4));
    show(call(DUP2, 4, -1));
    show(call(DUP3, 4, 4, 0));
    show(call(DUP3, 4, 9, O_APPEND));
    show(call(DUP3, 4, 9, O_CLOEXEC));
    show(call(FCNTL64, 9, 1));
    show(call(FCNTL64, 9, 0, -1));
    show(call(FCNTL64, 9, 1030, 5));
    show(call(CLOSE_RANGE, 9, 8, 0));
    show(call(CLOSE_RANGE, 4, 9, 64));
    show(call(CLOSE_RANGE, 4, 9, 4));
    show(call(FCNTL64, 4, 1));
    show(call(CLOSE_RANGE, 4, 9, 0));
    show(call(FCNTL64, 4, 1));
    show(call(CLOSE, 3));
}

static void lengths(void) {
    show(call(OPEN, "file", O_RDWR));
    show(call(FTRUNCATE, 3, 5));
    content("file");
    show(call(FTRUNCATE, 3, 8));
    content("file");
    show(call(FTRUNCATE, 3, -1));
    show(call(FTRUNCATE64, 3, 0, -1));
    show(call(FALLOCATE, 3, 0, 4, 0, 6, 0));
    show(call(FALLOCATE, 3, 1, 4, 0, 60, 0));
    show(call(FALLOCATE, 3, 0, 4, 0, 0, 0));
    show(call(FALLOCATE, 3, 0, 4, 0, -1, -1));
    show(call(FALLOCATE, 99, 0, 4, 0, 6, 0));
    content("file");
    show(call(FTRUNCATE, 1000, 0));
    show(call(TRUNCATE, "file", 6));
    show(call(TRUNCATE, "none", 6));
    show(call(TRUNCATE, ".", 6));
    show(call(TRUNCATE, "file", -1));
    show(call(TRUNCATE64, "file", 7, 0));
    show(call(TRUNCATE64, NOWHERE, 7, 0));
    content("file");
    show(call(LSEEK, 3, 12, 0));
    show(call(WRITE, 3, "end", 3));
    content("file");
    show(call(CLOSE, 3));
    show(call(OPEN, "file", O_RDONLY));
    show(call(FTRUNCATE, 3, 0));
    show(call(WRITE, 3, "x", 1));
    show(call(CLOSE, 3));
    show(call(OPEN, ".", O_RDONLY));
    show(call(READ, 3, buffer, 1));
    show(call(READ, 3, buffer, 0));
    show(call(WRITE, 3, buffer, 1));
    show(call(FTRUNCATE, 3, 0));
    show(call(PREAD64, 3, buffer, 1, 0, 0));
    show(call(FSYNC, 3));
    show(call(CLOSE, 3));
}

static void vectors(void) {
    void *one = buffer, *two = buffer + 4;
    struct { void *start; unsigned bytes; } good[] = { { one, 3 }, { NOWHERE, 0 }, { two, 4 } },
        bad[] = { { one, 3 }, { NOWHERE, 4 }, { two, 4 } }, worse[] = { { NOWHERE, 4 }, { one, 3 } },
        huge[] = { { one, 3 }, { two, -1 } };
    show(call(OPEN, "vector", O_RDWR | O_CREAT | O_TRUNC, 0644));
    call(PWRITE64, 3, "abcdefghij", 10, 0, 0);
    show(call(READV, 3, good, 3));
    show(same(buffer, "abc\0defg", 8));
    show(call(LSEEK, 3, 0, 0));
    show(call(READV, 3, bad, 3));
    show(call(LSEEK, 3, 0, 1));
    show(call(READV, 3, worse, 2));
    show(call(LSEEK, 3, 0, 1));
    show(call(READV, 3, huge, 2));
    show(call(READV, 3, good, 0));
    show(call(READV, 3, good, -1));
    show(call(READV, 3, good, 1025));
    show(call(READV, 3, NOWHERE, 1));
    show(call(READV, 99, NOWHERE, 1));
    show(call(WRITEV, 3, good, 3));
    show(call(WRITEV, 3, bad, 3));
    show(call(WRITEV, 3, worse, 2));
    show(call(WRITEV, 3, huge, 2));
    content("vector");
    show(call(READ, 3, NOWHERE, 4));
    show(call(LSEEK, 3, 0, 0));
    show(call(READ, 3, NOWHERE, 4));
    show(call(READ, 3, NOWHERE, 0));
    show(call(WRITE, 3, NOWHERE, 4));
    show(call(READ, 3, (char *)0xbffffff0 + 0x40000000, 4));
    /* A buffer whose second page is not there: what comes before it is read. */
    char *two_pages = pages(2, 0);
    show(call(MUNMAP, two_pages + PAGE, PAGE));
    show(call(PREAD64, 3, two_pages + PAGE - 3, 3, 0, 0));
    show(call(WRITE, 3, two_pages + PAGE - 3, 3));
    show(call(FTRUNCATE, 3, 9000));
    show(call(PREAD64, 3, two_pages, 2 * PAGE, 0, 0) > 0);
    show(call(CLOSE, 3));
}

static void copies(void) {
    long long offset = 2;
    show(call(OPEN, "file", O_RDONLY));
    show(call(OPEN, "copy", O_WRONLY | O_CREAT | O_TRUNC, 0644));
    show(call(SENDFILE64, 4, 3, &offset, 3));
    show((int)offset);
    show(call(LSEEK, 3, 0, 1));
    show(call(SENDFILE64, 4, 3, 0, 100));
    show(call(SENDFILE64, 4, 3, 0, 100));
    show(call(LSEEK, 3, 0, 1));
    show(call(SENDFILE64, 3, 4, 0, 1));
    show(call(SENDFILE64, 4, 99, 0, 1));
    show(call(SENDFILE64, 4, 3, NOWHERE, 1));
    content("copy");
    show(call(CLOSE, 3));
    show(call(CLOSE, 4));
    show(call(OPEN, "/dev/null", O_RDWR));
    show(call(READ, 3, buffer, 8));
    show(call(WRITE, 3, buffer, 8));
    show(call(CLOSE, 3));
    show(call(OPEN, "/dev/zero", O_RDWR));
    buffer[4000] = 1;
    show(call(READ, 3, buffer, 5000));
    show(buffer[4000]);
    show(call(READ, 3, NOWHERE, 8));
    show(call(CLOSE, 3));
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    flags_of_open();
    positions();
    lengths();
    vectors();
    copies();
    return 3;
}
