// Right (hardware): the same flags resident and paged out: nothing is printed but the first line.
// A rotate by one, then setcc of a page that is not in its frame: the flags after the page fault are garbage.
// code: 0
// never: result before
// expect: resident:
// expect: rol-setcc: exit(0)
#include <stdio.h>
#include <syscall.h>
#include <vm.h>
static unsigned char page[4096] __attribute__((aligned(4096)));
static unsigned x = 1;
static unsigned try(unsigned stale, int out) {
  unsigned f;
  page[0] = 1;
  if (out) madvise(page, 4096, MADV_PAGEOUT);
  x = 1;
  asm volatile("orl %%eax,%%eax\n jmp 1f\n 1: roll $1,%2\n setg %1\n pushf\n popl %0" : "=r"(f), "+m"(page[0]), "+m"(x) : "a"(stale) : "cc");
  return f;
}
int main(void) {
  printf("resident:  eflags %#x\n", try(0x3000, 0));
  for (unsigned bit = 0; bit < 32; bit++) {
    if (bit == 8) continue; // TF: the program dies of #DB
    unsigned f = try(1u << bit, 0), g = try(1u << bit, 1);
    if (f != g) printf("result before %#010x: eflags %#x resident, %#x paged out\n", 1u << bit, f, g);
  }
  return 0;
}
