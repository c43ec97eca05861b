// Code that changes an instruction on another page and jumps there.
// shows: a store into a code page from elsewhere takes effect.
#include "code.h"

static uint8_t code[2 * PAGE_SIZE] __attribute__((aligned(4096)));

TEST
{
    uint8_t *next = code + PAGE_SIZE + 100;
    uint8_t *at = emit_store_argument(code, next + 1);
    emit_jump(at, next);
    emit_return(next, 0);
    check_echo(code);
}
