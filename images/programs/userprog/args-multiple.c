// Run with a few arguments of different lengths.
// shows: several arguments arrive in order, and the stack stays aligned.
#include "args.h"

int main(int argc, char *argv[])
{
    msg("begin");
    print_arguments(argc, argv);
    msg("end");
    return 0;
}
