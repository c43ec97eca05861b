// Runs PUSHA with the stack pointer at the lower end of a page.
// shows: a PUSHA, which writes up to 32 bytes below %esp, grows the stack.
#include <test.h>

TEST
{
    uint32_t words[8];
    __asm__ volatile("movl %%esp, %%edx\n\t"
                     "andl $0xfffff000, %%esp\n\t"
                     "movl $0x12345678, %%ecx\n\t"
                     "pushal\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "popl %%eax\n\t"
                     "movl %%edx, %%esp\n\t"
                     : "=a"(words[0]) : : "ecx", "edx", "memory");
    CHECK(words[0] == 0x12345678, "PUSHA stored %%ecx");
}
