// A long computation in x87 and SSE registers, with rounding modes of its own.
#ifndef VM_FPU_H
#define VM_FPU_H

#include <stdint.h>

typedef float vector __attribute__((vector_size(16)));

// How long the programs compute.
#define STEPS 150000

struct fpu_result {
    double x87;
    vector sse;
    uint32_t x87_control;
    uint32_t sse_control;
};

// Starts afresh with these control words. A function of its own, since the
// compiler has nothing in x87 registers when it calls one.
static __attribute__((noinline)) void set_modes(uint16_t x87_control, uint32_t sse_control)
{
    __asm__ volatile("fninit; fldcw %0; ldmxcsr %1" : : "m"(x87_control), "m"(sse_control));
}

// Both results depend on every step, and on the rounding modes that `seed`
// chooses; a register lost at any switch shows in them.
static inline struct fpu_result compute(uint32_t seed, uint32_t steps)
{
    uint16_t x87_control = (uint16_t)(0x037f | (seed & 3) << 10);
    uint32_t sse_control = 0x1f80 | (seed & 3) << 13;
    set_modes(x87_control, sse_control);

    long double a = 1.0L + (long double)seed / 7;
    long double b = 0.5L;
    vector u = { 1.0f + (float)seed, 2.0f, 3.0f, 4.0f };
    vector v = { 0.25f, 0.5f, 0.75f, 1.0f };
    vector factor = { 1.00001f, 0.99999f, 1.00003f, 0.99997f };
    for (uint32_t i = 0; i < steps; i++) {
        a = a * 1.0000001L + b / 3;
        b = b * 0.9999999L - a / 1048576;
        u = u * factor + v;
        v = v - u / (vector){ 65536, 65536, 65536, 65536 };
    }

    struct fpu_result result = { .x87 = (double)(a + b), .sse = u + v };
    __asm__ volatile("fnstcw %0; stmxcsr %1" : "=m"(x87_control), "=m"(sse_control));
    result.x87_control = x87_control;
    result.sse_control = sse_control & 0xffc0; // without the flags of what happened
    return result;
}

#endif
