// Right (host): prints 42 and "stored", exit(0).
// A buffer that has both code that ran and data: once, storing four harmless bytes ended the program.
// code: 0
// expect: (data-by-code) 42
// expect: (data-by-code) stored
// expect: data-by-code: exit(0)
#include <test.h>
static uint8_t buffer[4096] __attribute__((aligned(4096)));
int main(void)
{
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3};        // mov $42, %eax; ret
    memcpy(buffer, code, sizeof code);
    msg("%d", ((int (*)(void))buffer)());
    *(volatile uint32_t *)(buffer + 2048) = 0xc0a30ff0;             // never executed
    msg("stored");
    return 0;
}
