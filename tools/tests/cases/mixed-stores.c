// Stores to a page with code, next to the code and into it. Hardware: prints both sums, exit(0).
// code: 0
// expect: 12742320
// expect: 4200000
#include <test.h>
static uint8_t buffer[4096] __attribute__((aligned(4096)));
int main(void)
{
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov $42, %eax; ret
    unsigned into = 0, beside = 0;
    memcpy(buffer, code, sizeof code);
    for (int i = 0; i < 100000; i++) {
        ((volatile uint8_t *)buffer)[1] = i;
        into += ((int (*)(void))buffer)();
    }
    buffer[1] = 42;
    for (int i = 0; i < 100000; i++) {
        ((volatile uint8_t *)buffer)[1024 + i % 1000] = i;
        beside += ((int (*)(void))buffer)();
    }
    msg("%u", into);
    msg("%u", beside);
    return 0;
}
