// Starts itself with runs of spaces between, before and after the arguments.
// shows: a run of spaces in a command line counts as one.
#include "args.h"

int main(int argc, char *argv[])
{
    if (argc > 1) {
        print_arguments(argc, argv);
        return 3;
    }
    msg("begin");
    int status = run("  args-dbl-space two  spaces   and more ");
    msg("child's status is %d", status);
    msg("end");
    return 0;
}
