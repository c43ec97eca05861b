// A child fills the swap by reading first; the parent only prints. Right: the parent prints all its lines, whatever
// happens to the child.
// code: 0
// expect: parent 0
// expect: parent 180
// expect: starve: exit(0)
#include <test.h>
#include <vm.h>
// parent counts and prints; child runs into the full swap by reading first
#define N (8u<<20)
static volatile char buf[N];
int main(void){
  pid_t p = fork();
  if (p == 0) { for (unsigned i=0;i<N;i+=4096) buf[i]^=1; msg("child done"); return 0; }
  for (int i=0;i<200;i++) { for (volatile int k=0;k<2000;k++); if (i%20==0) msg("parent %d", i); }
  msg("wait = %d", wait(p)); return 0; }
