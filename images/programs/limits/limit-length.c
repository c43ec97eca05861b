// Tries to set invalid lengths.
// shows: a file's length has limits, and a running program's file keeps its own.
#include <pages.h>

TEST
{
    make_file("data", "0123456789", 10);
    int fd = must_open("data");
    CHECK(ftruncate(fd, 5) == 0 && filesize(fd) == 5, "5 bytes");
    CHECK(ftruncate(fd, 5) == 0 && filesize(fd) == 5, "5 bytes again");
    CHECK(ftruncate(fd, 8) == 0 && filesize(fd) == 8, "8 bytes");
    char bytes[8];
    CHECK(read(fd, bytes, 8) == 8 && memcmp(bytes, "01234\0\0\0", 8) == 0, "which end in zeros");
    CHECK(ftruncate(fd, 0xf0000000) == -ENOSPC, "more than there is room for");
    CHECK(filesize(fd) == 8, "the file is as it was");
    CHECK(ftruncate(77, 1) == -EBADF, "no such descriptor");
    CHECK(ftruncate(STDOUT_FILENO, 1) == -EBADF, "the console");
    int self = must_open("limit-length");
    int size = filesize(self);
    CHECK(ftruncate(self, 0) == -EACCES, "a running program");
    CHECK(filesize(self) == size, "which is as long as before");
    CHECK(ftruncate(fd, 0) == 0 && filesize(fd) == 0, "no byte");
    CHECK(read(fd, bytes, 8) == 0, "nothing to read");
}
