// Right (hardware): flags keep IOPL 0 and VM 0 whatever faults; cli and sti are #GP at CPL 3.
// IOPL 3 for a program in ring 3, by the garbage flags after a page fault in setcc; then cli and sti, which are to be #GP.
// code: 1
// expect: (#GP General Protection Exception)
// expect: iopl: exit(-1)
#include <stdio.h>
#include <syscall.h>
#include <vm.h>
static unsigned char page[4096] __attribute__((aligned(4096)));
static unsigned x = 1;
static void raise_flags(unsigned stale) {
  page[0] = 1; madvise(page, 4096, MADV_PAGEOUT); x = 1;
  asm volatile("orl %%eax,%%eax\n jmp 1f\n 1: roll $1,%1\n setg %0\n" : "+m"(page[0]), "+m"(x) : "a"(stale) : "cc");
}
static unsigned flags(void) { unsigned f; asm volatile("pushf\n popl %0" : "=r"(f)); return f; }
int main(void) {
  raise_flags(0x3000);
  printf("eflags %#x\n", flags());
  asm volatile("cli"); printf("cli passed, eflags %#x\n", flags());
  asm volatile("sti"); printf("sti passed, eflags %#x\n", flags());
  if (fork() == 0) { asm volatile("hlt"); printf("hlt passed\n"); return 0; } wait(2);
  raise_flags(0x20000);
  unsigned f = flags();
  asm volatile("mov %%ds,%%eax\n push %%eax\n mov $0x1234,%%eax\n mov %%ax,%%ds\n pop %%eax" : : : "eax");
  unsigned s; asm volatile("mov %%ds,%0" : "=r"(s));
  printf("virtual-8086: eflags %#x, ds %#x (a selector that does not exist)\n", f, s);
  return 0;
}
