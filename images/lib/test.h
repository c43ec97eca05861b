// Shared by test programs: messages, checks, and the frame around a test.
//
// A test is written like this, and prints "(name) begin" before its body and
// "(name) end" after it:
//
//     #include <test.h>
//
//     TEST
//     {
//         CHECK(create("data", 100), "create \"data\"");
//     }
//
// Programs that want their arguments, and children, have a main() of their own.
#ifndef LIB_TEST_H
#define LIB_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stdio.h"
#include "stdlib.h"
#include "string.h"
#include "syscall.h"

#define PAGE_SIZE 4096u

// The start of kernel memory.
#define PHYS_BASE 0xc0000000u

// The name in messages: the program's (argv[0]) unless main() changes it.
extern const char *test_name;

// Prints "(name) TEXT" as a line, in one system call.
void msg(const char *format, ...) PRINTF_LIKE(1, 2);

// Prints "(name) FAIL: TEXT" and ends the process with status 1.
void fail(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

// Prints what it does, does it, and fails if `success` is false.
#define CHECK(success, ...)        \
    do {                           \
        msg(__VA_ARGS__);          \
        if (!(success))            \
            fail(__VA_ARGS__);     \
    } while (0)

// Fails if `success` is false, and is silent otherwise.
#define REQUIRE(success, ...)      \
    do {                           \
        if (!(success))            \
            fail(__VA_ARGS__);     \
    } while (0)

// Prints what it does and does it; that has to end the process.
#define MUST_DIE(action)           \
    do {                           \
        msg("%s", #action);        \
        (void)(action);            \
        fail("still alive");       \
    } while (0)

// Defines main() around the test's body, which follows in braces.
#define TEST                       \
    static void test_body(void);   \
    int main(void)                 \
    {                              \
        msg("begin");              \
        test_body();               \
        msg("end");                \
        return 0;                  \
    }                              \
    static void test_body(void)

// Opens a file without a message; fails if it does not exist.
int must_open(const char *file);

// Runs a program, waits for it and returns its status.
int run(const char *command_line);

// Makes a file that holds the `size` bytes at `bytes`, or zeros if that is NULL,
// without a message.
void make_file(const char *file, const void *bytes, size_t size);

// Reads all of `file`, from the start, and fails unless it holds just the
// `size` bytes at `expected`. Prints one line if they agree.
void check_file(const char *file, const void *expected, size_t size);

// The same for an open file, from its position on, without a message.
void check_open_file(int fd, const char *file, const void *expected, size_t size);

// Fails at the first byte in which two buffers differ.
void compare_bytes(const void *actual, const void *expected, size_t size, size_t offset,
                   const char *file);

// An address with a page border after `before` bytes, both pages being ours.
void *across_boundary(size_t before);

// A copy of `string` with its middle on a page border.
char *string_across_boundary(const char *string);

#endif
