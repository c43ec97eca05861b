// cmpxchg8b after an instruction whose flags the emulator has not worked out yet: hardware changes ZF alone.
// code: 0
// expect: resident 0x55
// expect: paged out 0x55
// expect: cmpxchg8b: exit(0)
#include <stdio.h>
#include <syscall.h>
#include <vm.h>
static unsigned long long far[1024] __attribute__((aligned(4096)));
static unsigned flags(unsigned long long *p) {
  unsigned f;
  // 0xffffffff + 1: CF, AF, ZF, PF; then cmpxchg8b, which finds edx:eax equal (0)
  asm volatile("xorl %%eax,%%eax\n xorl %%edx,%%edx\n xorl %%ebx,%%ebx\n movl $-1,%%ecx\n addl $1,%%ecx\n cmpxchg8b %1\n pushf\n popl %0" : "=r"(f), "+m"(*p) : : "eax", "ebx", "ecx", "edx", "cc", "memory");
  return f & 0x8d5;
}
int main(void) {
  far[0] = 0;
  printf("resident %#x (hardware 0x55)\n", flags(far));
  madvise(far, 4096, MADV_PAGEOUT);
  printf("paged out %#x (hardware 0x55)\n", flags(far));
  return 0;
}
