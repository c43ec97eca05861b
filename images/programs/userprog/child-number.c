// Exits with the number in its argument; a child of several tests.
// shows: a status goes through argv and exit unchanged.
#include <test.h>

int main(int argc, char *argv[])
{
    return argc > 1 ? atoi(argv[1]) : -2;
}
