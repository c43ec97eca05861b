// With --frames 367. Right (host): 100 faults for 100 pages, each with error code 6 (a write).
// One instruction for each new page: incl. How many page faults?
// code: 0
// expect at 8: faults for 100 pages
// expect at 16: faults for 100 pages
// expect at 367: 100 faults for 100 pages
// expect: rmw-inc: exit(0)
#include <test.h>
#include <vm.h>
static volatile uint32_t data[100][1024] __attribute__((aligned(4096))) = {{1}};
int main(void)
{
    struct vmstat a, b;
    vmstat(&a);
    for (int i = 0; i < 100; i++)
        __asm__ volatile("incl %0" : "+m"(data[i][0]));
    vmstat(&b);
    msg("%u faults for 100 pages", b.faults - a.faults);
    return 0;
}
