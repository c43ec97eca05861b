// Prints the arguments, after checking how they lie on the stack.
#ifndef USERPROG_ARGS_H
#define USERPROG_ARGS_H

#include <test.h>

// What the programs args-* and child-args consist of.
static inline void print_arguments(int argc, char *argv[])
{
    REQUIRE((uintptr_t)argv % 4 == 0, "argv is not aligned");
    REQUIRE((uintptr_t)argv > 0xbf800000u && (uintptr_t)argv < PHYS_BASE, "argv is no stack address");
    REQUIRE(argv[argc] == NULL, "argv[argc] is not null");
    msg("argc = %d", argc);
    for (int i = 0; i < argc; i++) {
        REQUIRE((char *)argv < argv[i], "the strings lie below argv");
        msg("argv[%d] = '%s'", i, argv[i]);
    }
}

#endif
