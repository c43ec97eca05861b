// Checks of the content of files, and buffers on page borders; see test.h.
#include "test.h"

void make_file(const char *file, const void *bytes, size_t size)
{
    REQUIRE(create(file, size), "create \"%s\"", file);
    if (bytes == NULL)
        return;
    int fd = must_open(file);
    int written = write(fd, bytes, size);
    REQUIRE(written == (int)size, "write \"%s\" returned %d", file, written);
    close(fd);
}

void compare_bytes(const void *actual, const void *expected, size_t size, size_t offset,
                   const char *file)
{
    const uint8_t *a = actual;
    const uint8_t *b = expected;
    if (memcmp(a, b, size) == 0)
        return;
    size_t i = 0;
    while (a[i] == b[i])
        i++;
    fail("byte %zu of \"%s\" is %#x, should be %#x", offset + i, file, a[i], b[i]);
}

void check_open_file(int fd, const char *file, const void *expected, size_t size)
{
    int actual_size = filesize(fd);
    REQUIRE(actual_size == (int)size, "\"%s\" has %d bytes, should have %zu", file, actual_size,
            size);
    char block[512];
    size_t done = 0;
    while (done < size) {
        size_t want = size - done < sizeof block ? size - done : sizeof block;
        int got = read(fd, block, want);
        REQUIRE(got == (int)want, "read of %zu bytes at %zu in \"%s\" returned %d", want, done,
                file, got);
        compare_bytes(block, (const char *)expected + done, want, done, file);
        done += want;
    }
    int got = read(fd, block, 1);
    REQUIRE(got == 0, "read at the end of \"%s\" returned %d", file, got);
}

void check_file(const char *file, const void *expected, size_t size)
{
    int fd = must_open(file);
    check_open_file(fd, file, expected, size);
    close(fd);
    msg("\"%s\" holds what it should", file);
}

void *across_boundary(size_t before)
{
    static char pages[3 * PAGE_SIZE];
    uintptr_t border = ((uintptr_t)pages + 2 * PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    return (void *)(border - before);
}

char *string_across_boundary(const char *string)
{
    size_t size = strlen(string) + 1;
    return memcpy(across_boundary(size / 2), string, size);
}
