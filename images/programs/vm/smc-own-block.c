// Code that changes the operand of the next instruction but one.
// shows: a store into the block that is running takes effect at once.
#include "code.h"

static uint8_t code[PAGE_SIZE] __attribute__((aligned(4096)));

TEST
{
    // 9 bytes of store; then comes movl $0, %eax with the operand in byte 10.
    uint8_t *at = emit_store_argument(code, code + 10);
    emit_return(at, 0);
    check_echo(code);
}
