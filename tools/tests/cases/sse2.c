// Which SSE2 instructions there are. Right: all, or none and cpuid says so.
// SSE2 on the machine: which of these instructions run, and what does CPUID promise?
// code: 0
// expect: sse2 1 clfsh 1 sse3 0 popcnt 0
// expect: addsd      runs
// expect: movnti     runs
// expect: mfence     runs
// expect: clflush    runs
// expect: haddps     dies
// expect: popcnt     dies
// expect: endbr32    runs
// expect: tzcnt      runs
// expect: sse2: exit(0)
#include "plat.h"
#ifdef NATIVE
#include <unistd.h>
#include <sys/wait.h>
#define DONE _exit(0)
static int child(int pid) { int s; waitpid(pid, &s, 0); return WIFSIGNALED(s) ? -1 : WEXITSTATUS(s); }
#else
#include <vm.h>
#define DONE exit(0)
static int child(int pid) { return wait(pid); }
#endif
static char b[64] __attribute__((aligned(64)));
#define T(name, text) do { int pid = fork(); if (pid == 0) { __asm__ volatile(text :: "b"(b) : "memory", "eax", "ecx", "edx"); DONE; } \
    int s = child(pid); printf("%-10s %s\n", name, s == 0 ? "runs" : "dies"); } while (0)
int main(void)
{
    unsigned a = 1, bx, c, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(bx), "=c"(c), "=d"(d));
    printf("cpuid: fpu %d cmov %d mmx %d fxsr %d sse %d sse2 %d clfsh %d sse3 %d popcnt %d\n", d & 1, d >> 15 & 1, d >> 23 & 1, d >> 24 & 1, d >> 25 & 1, d >> 26 & 1, d >> 19 & 1, c & 1, c >> 23 & 1);
    T("addsd", "addsd (%%ebx), %%xmm0");
    T("movdqa", "movdqa (%%ebx), %%xmm0");
    T("paddq", "paddq (%%ebx), %%xmm0");
    T("movnti", "movnti %%eax, (%%ebx)");
    T("movntdq", "movntdq %%xmm0, (%%ebx)");
    T("sfence", "sfence");
    T("lfence", "lfence");
    T("mfence", "mfence");
    T("clflush", "clflush (%%ebx)");
    T("pause", "pause");
    T("haddps", "haddps %%xmm0, %%xmm1");
    T("lddqu", "lddqu (%%ebx), %%xmm0");
    T("pshufb", "pshufb %%xmm0, %%xmm1");
    T("popcnt", "popcnt %%eax, %%ecx");
    T("endbr32", "endbr32");
    T("nopl", "nopl 0(%%eax)");
    T("tzcnt", "tzcnt %%eax, %%ecx");
    return 0;
}
