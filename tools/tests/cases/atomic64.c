// Right (host): prints "999990 left", exit(0).
// A 64-bit atomic counter that goes down between stores to new pages: plain C11, no assembly.
// code: 0
// expect: 999990 left
// expect: atomic64: exit(0)
#include "plat.h"
static _Atomic unsigned long long left = 1000000;
static volatile char page[4][4096] __attribute__((aligned(4096)));
int main(void)
{
    page[0][0] = 1;
    left -= 5;
    page[1][0] = 1;
    left -= 5;
    page[2][0] = 1;
    printf("%u left\n", (unsigned)left);
    return 0;
}
