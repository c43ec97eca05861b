// Code that changes an instruction behind a jump, on the same page.
// shows: a store into a block that was run before takes effect, also if the two are chained.
#include "code.h"

static uint8_t code[PAGE_SIZE] __attribute__((aligned(4096)));

TEST
{
    uint8_t *next = code + 64;
    uint8_t *at = emit_store_argument(code, next + 1);
    emit_jump(at, next);
    emit_return(next, 0);
    check_echo(code);
}
