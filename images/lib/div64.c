// Division of 64-bit integers, which compilers leave to their runtime library.
//
// Not every host has that library for i386, so here are the functions under
// the names that gcc and clang call.
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rest);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
int64_t __divmoddi4(int64_t a, int64_t b, int64_t *rest);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);

// (high:low) / b for high < b, with the one instruction that does it.
static uint32_t divide_wide(uint32_t high, uint32_t low, uint32_t b, uint32_t *rest)
{
    uint32_t quotient;
    __asm__("divl %4" : "=a"(quotient), "=d"(*rest) : "0"(low), "1"(high), "rm"(b) : "cc");
    return quotient;
}

// By a divisor of 32 bits, as on paper: the upper digit first, its remainder
// goes into the lower. Division by zero traps, as a 32-bit one does.
static uint64_t divide_by_word(uint64_t a, uint32_t b, uint64_t *rest)
{
    uint32_t left;
    uint32_t high = divide_wide(0, (uint32_t)(a >> 32), b, &left);
    uint32_t low = divide_wide(left, (uint32_t)a, b, &left);
    *rest = left;
    return (uint64_t)high << 32 | low;
}

// By a larger divisor the quotient has at most 32 bits: shift and subtract.
static uint64_t divide_by_long(uint64_t a, uint64_t b, uint64_t *rest)
{
    uint32_t quotient = 0;
    uint64_t part = a >> 32;
    for (int bit = 31; bit >= 0; bit--) {
        uint64_t carry = part >> 63;
        part = part << 1 | (a >> bit & 1);
        quotient <<= 1;
        if (carry || part >= b) {
            part -= b;
            quotient |= 1;
        }
    }
    *rest = part;
    return quotient;
}

uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rest)
{
    uint64_t ignored;
    if (rest == 0)
        rest = &ignored;
    return b >> 32 == 0 ? divide_by_word(a, (uint32_t)b, rest) : divide_by_long(a, b, rest);
}

uint64_t __udivdi3(uint64_t a, uint64_t b)
{
    return __udivmoddi4(a, b, 0);
}

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
    uint64_t rest;
    __udivmoddi4(a, b, &rest);
    return rest;
}

// The quotient is truncated towards zero; the remainder has the sign of `a`.
int64_t __divmoddi4(int64_t a, int64_t b, int64_t *rest)
{
    uint64_t size_a = a < 0 ? -(uint64_t)a : (uint64_t)a;
    uint64_t size_b = b < 0 ? -(uint64_t)b : (uint64_t)b;
    uint64_t left;
    uint64_t quotient = __udivmoddi4(size_a, size_b, &left);
    if (rest != 0)
        *rest = (int64_t)(a < 0 ? -left : left);
    return (int64_t)((a < 0) != (b < 0) ? -quotient : quotient);
}

int64_t __divdi3(int64_t a, int64_t b)
{
    return __divmoddi4(a, b, 0);
}

int64_t __moddi3(int64_t a, int64_t b)
{
    int64_t rest;
    __divmoddi4(a, b, &rest);
    return rest;
}
