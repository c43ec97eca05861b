// Reads a file into a buffer, sorts its bytes and writes them back.
#ifndef VM_SORT_FILE_H
#define VM_SORT_FILE_H

#include <test.h>

#define MAX_SIZE (128 * 1024)

static void sort_file(const char *file, uint8_t *buffer, void sort(uint8_t *bytes, size_t size))
{
    int fd = must_open(file);
    int size = read(fd, buffer, MAX_SIZE);
    REQUIRE(size > 0, "read \"%s\"", file);
    sort(buffer, (size_t)size);
    seek(fd, 0);
    REQUIRE(write(fd, buffer, (unsigned)size) == size, "write \"%s\"", file);
    close(fd);
}

#endif
