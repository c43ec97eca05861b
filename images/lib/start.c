// Where a program starts.
//
// The kernel leaves argc and argv on the stack above a made-up return address,
// as if it had called _start(argc, argv). The stack is aligned here, since
// compilers rely on 16 bytes for SSE values and the kernel promises only 4.
#include "syscall.h"
#include "test.h"

int main(int argc, char *argv[]);
void _start(int argc, char *argv[]);

const char *test_name;

__attribute__((force_align_arg_pointer)) void _start(int argc, char *argv[])
{
    test_name = argc > 0 ? argv[0] : "?";
    exit(main(argc, argv));
}
