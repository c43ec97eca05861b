// Fills the registers, makes calls and compares.
// shows: a system call changes no register but %eax, and no flag.
#include <test.h>

TEST
{
    uint32_t r[6];
    // tell(1) has a result and no effect. The carry flag is set before it.
    __asm__ volatile("pushl %%ebp\n\t"
                     "pushl $1\n\t"
                     "pushl %[number]\n\t"
                     "movl $0x11111111, %%ebp\n\t"
                     "stc\n\t"
                     "int $0x30\n\t"
                     "movl %%ebp, %%eax\n\t"
                     "popl %%ebp\n\t"
                     "popl %%ebp\n\t"
                     "popl %%ebp\n\t"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]), "=S"(r[4]), "=D"(r[5])
                     : [number] "i"(SYS_TELL), "b"(0x22222222), "c"(0x33333333), "d"(0x44444444),
                       "S"(0x55555555), "D"(0x66666666)
                     : "memory");
    for (uint32_t i = 0; i < 6; i++)
        REQUIRE(r[i] == (i + 1) * 0x11111111, "register %u is %#x", i, r[i]);
    uint8_t carry;
    __asm__ volatile("pushl $1; pushl %[number]; stc; int $0x30; setc %[carry]; addl $8, %%esp"
                     : [carry] "=q"(carry) : [number] "i"(SYS_TELL) : "eax", "memory", "cc");
    REQUIRE(carry == 1, "the carry flag is gone");
    msg("all registers were kept");
}
