// Uses an object on the stack, in a way that the compiler cannot see through.
#ifndef VM_STACK_H
#define VM_STACK_H

#include <random.h>
#include <test.h>

// Makes the compiler believe that all of `object` is used.
static inline void use_whole(volatile char *object)
{
    __asm__ volatile("" : : "r"(object) : "memory");
}

// Fills `object` with random bytes, from the end down, and checks them.
static inline void fill_and_check(char *object, size_t size, uint32_t seed)
{
    __asm__ volatile("" : "+r"(object));
    random_init(seed);
    for (size_t i = size; i-- > 0;)
        object[i] = (char)random_next();
    random_init(seed);
    for (size_t i = size; i-- > 0;)
        REQUIRE(object[i] == (char)random_next(), "byte %zu of %zu changed", i, size);
    msg("%'zu bytes of stack hold what was written", size);
}

#endif
