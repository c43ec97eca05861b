// Run with more than twenty arguments.
// shows: many arguments arrive in order.
#include "args.h"

int main(int argc, char *argv[])
{
    msg("begin");
    print_arguments(argc, argv);
    msg("end");
    return 0;
}
