#include "linux.h"

__asm__(".globl _start\n"
        "_start: mov (%esp), %eax; lea 4(%esp), %edx; and $-16, %esp; sub $8, %esp; push %edx; push %eax\n"
        "call test; mov %eax, %ebx; mov $252, %eax; int $0x80\n"
        ".globl call6\n"
        "call6: push %ebp; push %ebx; push %esi; push %edi\n"
        "mov 20(%esp), %eax; mov 24(%esp), %ebx; mov 28(%esp), %ecx; mov 32(%esp), %edx\n"
        "mov 36(%esp), %esi; mov 40(%esp), %edi; mov 44(%esp), %ebp; int $0x80\n"
        "pop %edi; pop %esi; pop %ebx; pop %ebp; ret\n"
        ".globl returns; returns: mov $119, %eax; pop %ecx; int $0x80\n"
        ".globl returns_with_info; returns_with_info: mov $173, %eax; int $0x80\n");

void handle(int signal, void (*handler)(int)) {
    long action[] = { (long)handler, 0x04000000, (long)returns, 0, 0 };
    check(call(SIGACTION, signal, action, 0, 8) == 0);
}

void *pages(unsigned count, int shared) {
    long at = call(MMAP2, 0, count * PAGE, 3, MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
    check(at < 0 || at > 0x1000);
    return (void *)at;
}

size_t length_of(const char *text) {
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

void line(const char *text) {
    call(WRITE, 1, text, length_of(text));
    call(WRITE, 1, "\n", 1);
}

void say(const char *text, int number) {
    char line[256], digits[12];
    int length = 0, count = 0;
    unsigned left = number < 0 ? -(unsigned)number : (unsigned)number;
    do
        digits[count++] = '0' + left % 10;
    while ((left /= 10) > 0);
    for (; *text && length < 240; text++)
        line[length++] = *text;
    line[length++] = ' ';
    if (number < 0)
        line[length++] = '-';
    while (count > 0)
        line[length++] = digits[--count];
    line[length++] = '\n';
    call(WRITE, 1, line, length);
}

int says_fine(const char *text, int number) {
    /* The last page of all has errors, not addresses. */
    say(text, (unsigned)number > -4096u ? number : 0);
    return number;
}
