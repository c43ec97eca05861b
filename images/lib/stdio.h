// Formatted output to the console and into strings.
//
// Conversions: %d %i %u %o %x %X %p %s %c %%, with h, hh, l, ll, z, t and j,
// a width, a precision (also *), and the flags - (to the left), 0 (fill with
// zeros), + and space (sign), # (0x) and ' (groups of three: 1,234,567).
#ifndef LIB_STDIO_H
#define LIB_STDIO_H

#include <stdarg.h>
#include <stddef.h>

#define PRINTF_LIKE(text, first) __attribute__((__format__(__printf__, text, first)))

// Prints to the console; returns the number of bytes. A text of up to 512
// bytes goes out in one system call, so that lines of processes do not mix.
int printf(const char *format, ...) PRINTF_LIKE(1, 2);
int vprintf(const char *format, va_list args) PRINTF_LIKE(1, 0);

// Writes at most `size` bytes into `buffer`, the last of them zero; returns
// the length that the whole text has.
int snprintf(char *buffer, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
int vsnprintf(char *buffer, size_t size, const char *format, va_list args) PRINTF_LIKE(3, 0);

// Prints a line.
int puts(const char *line);

// Prints one byte.
int putchar(int byte);

#endif
