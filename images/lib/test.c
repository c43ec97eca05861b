// Messages and checks of test programs; see test.h.
#include "test.h"

static void print_line(const char *mark, const char *format, va_list args)
{
    char line[512];
    int used = snprintf(line, sizeof line, "(%s) %s", test_name, mark);
    used += vsnprintf(line + used, sizeof line - (size_t)used, format, args);
    if (used > (int)sizeof line - 2)
        used = (int)sizeof line - 2;
    line[used] = '\n';
    write(STDOUT_FILENO, line, (unsigned)used + 1);
}

void msg(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}

void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("FAIL: ", format, args);
    va_end(args);
    exit(1);
}

int must_open(const char *file)
{
    int fd = open(file);
    REQUIRE(fd > 1, "open \"%s\" returned %d", file, fd);
    return fd;
}

int run(const char *command_line)
{
    pid_t child = exec(command_line);
    REQUIRE(child != PID_ERROR, "exec \"%s\"", command_line);
    return wait(child);
}
