// Reads each new page first, then stores to it, until memory and swap are full. Right: the process that exceeds them
// is ended with a message, exit(-1), within seconds.
// code: 1
// expect: out of memory
// expect: hog-read-first: exit(-1)
#include <test.h>
#include <stdio.h>
#define N (8u<<20)
static char buf[N];
int main(void){ for(unsigned i=0;i<N;i+=4096){ buf[i]^=1+i/4096; if(i%(1u<<20)==0) msg("at %u", i>>20);} 
 msg("done"); return 0; }
