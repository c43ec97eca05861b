// Makes the call exec with an argument that lies half in kernel memory.
// shows: a call's argument has to be in valid memory up to its last byte.
#include <test.h>

TEST
{
    // The end of the stack's last page, where argv[0] lies so far. Above it the
    // kernel begins.
    test_name = "exec-bound-3";
    uint8_t *stack = (uint8_t *)PHYS_BASE - 6;
    memcpy(stack, &(uint32_t){SYS_EXEC}, 4);
    msg("int $0x30 with two bytes of exec's argument in user memory");
    __asm__ volatile("movl %0, %%esp; int $0x30" : : "r"(stack) : "memory");
    fail("still alive");
}
