// Run with one argument.
// shows: one argument arrives on the stack.
#include "args.h"

int main(int argc, char *argv[])
{
    msg("begin");
    print_arguments(argc, argv);
    msg("end");
    return 0;
}
