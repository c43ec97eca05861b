// Machine code that a program writes itself, in memory that it can write and
// run: .bss and the stack are both, since 32-bit paging knows no "no execute".
#ifndef VM_CODE_H
#define VM_CODE_H

#include <test.h>

typedef uint32_t code_function(uint32_t argument);

// Appends the bytes of an instruction.
#define EMIT(at, ...)                                          \
    do {                                                       \
        const uint8_t bytes_[] = { __VA_ARGS__ };              \
        memcpy(at, bytes_, sizeof bytes_);                     \
        at += sizeof bytes_;                                   \
    } while (0)

// Appends a 32-bit number, as an operand of the instruction before it.
static inline uint8_t *emit_word(uint8_t *at, uint32_t word)
{
    memcpy(at, &word, 4);
    return at + 4;
}

// movl $value, %eax; ret
static inline uint8_t *emit_return(uint8_t *at, uint32_t value)
{
    EMIT(at, 0xb8);
    at = emit_word(at, value);
    EMIT(at, 0xc3);
    return at;
}

// movl 4(%esp), %eax; movl %eax, target
static inline uint8_t *emit_store_argument(uint8_t *at, const void *target)
{
    EMIT(at, 0x8b, 0x44, 0x24, 0x04, 0xa3);
    return emit_word(at, (uint32_t)target);
}

// jmp target
static inline uint8_t *emit_jump(uint8_t *at, const void *target)
{
    EMIT(at, 0xe9);
    return emit_word(at, (uint32_t)target - (uint32_t)at - 4);
}

// Calls the code at `code`.
static inline uint32_t call_code(void *code, uint32_t argument)
{
    // The compiler is to take the bytes as stored before the call.
    __asm__ volatile("" : "+r"(code) : : "memory");
    return ((code_function *)code)(argument);
}

// Calls code that returns its argument by changing itself, many times.
static inline void check_echo(void *code)
{
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t argument = i * 2654435769u;
        uint32_t result = call_code(code, argument);
        REQUIRE(result == argument, "call %u gave %#x, should be %#x", i, result, argument);
    }
    msg("1,000 calls were right");
}

#endif
