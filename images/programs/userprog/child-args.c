// Prints its arguments; a child of the exec tests.
// shows: arguments that a parent gives reach the child.
#include "args.h"

int main(int argc, char *argv[])
{
    print_arguments(argc, argv);
    return argc;
}
