// Formatted output; see stdio.h.
#include "stdio.h"

#include "format.h"
#include "string.h"
#include "syscall.h"

struct console {
    char bytes[512];
    unsigned used;
    int total;
};

static void flush(struct console *console)
{
    if (console->used > 0)
        write(STDOUT_FILENO, console->bytes, console->used);
    console->used = 0;
}

static void put_on_console(char byte, void *sink)
{
    struct console *console = sink;
    if (console->used == sizeof console->bytes)
        flush(console);
    console->bytes[console->used++] = byte;
    console->total++;
}

int vprintf(const char *format, va_list args)
{
    struct console console;
    console.used = 0;
    console.total = 0;
    format_to(put_on_console, &console, format, args);
    flush(&console);
    return console.total;
}

int printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int total = vprintf(format, args);
    va_end(args);
    return total;
}

struct string {
    char *at;
    size_t room;
    int total;
};

static void put_in_string(char byte, void *sink)
{
    struct string *string = sink;
    // The last byte is kept for the zero.
    if (string->room > 1) {
        *string->at++ = byte;
        string->room--;
    }
    string->total++;
}

int vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
    struct string string = { buffer, size, 0 };
    format_to(put_in_string, &string, format, args);
    if (size > 0)
        *string.at = '\0';
    return string.total;
}

int snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int total = vsnprintf(buffer, size, format, args);
    va_end(args);
    return total;
}

int puts(const char *line)
{
    return printf("%s\n", line);
}

int putchar(int byte)
{
    char bytes[1] = { (char)byte };
    return write(STDOUT_FILENO, bytes, 1) == 1 ? (unsigned char)byte : -1;
}
