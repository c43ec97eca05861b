// Waits until there is a file "go" and exits with the number in its argument;
// a child of spawn-many.
// shows: a process that waits by asking again and again does not stop the others.
#include <test.h>

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a number is needed");
    while (open("go") == -1)
        ;
    return atoi(argv[1]);
}
