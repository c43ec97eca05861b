// Right (hardware): 11 in each line.
// rcl on a page that is shared after fork (copy-on-write), or on .data that was only read before: the carry is lost.
// code: 0
// expect: child, copy-on-write page: 11
// expect: data read before: 11
// expect: written before: 11
#include <stdio.h>
#include <syscall.h>
#include <vm.h>
static unsigned cow[1024] __attribute__((aligned(4096)));
static unsigned data[1024] __attribute__((aligned(4096))) = {5};
static unsigned rcl(unsigned *p) { asm volatile("stc\n rcll $1,%0" : "+m"(*p) : : "cc"); return *p; }
int main(void) {
  cow[0] = 5;
  pid_t p = fork();
  if (p == 0) { printf("child, copy-on-write page: %u (hardware 11)\n", rcl(cow)); return 0; }
  wait(p);
  volatile unsigned r = data[1]; (void)r;
  printf("data read before: %u (hardware 11)\n", rcl(data));
  printf("written before: %u (hardware 11)\n", (cow[0] = 5, rcl(cow)));
  return 0;
}
