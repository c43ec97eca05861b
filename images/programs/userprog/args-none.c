// Run without arguments.
// shows: argv[0] is the program's name and argv[1] is null.
#include "args.h"

int main(int argc, char *argv[])
{
    msg("begin");
    print_arguments(argc, argv);
    msg("end");
    return 0;
}
