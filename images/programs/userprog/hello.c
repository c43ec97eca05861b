// Prints one line, the smallest thing a program can do.
// shows: a program is loaded, runs in ring 3, writes to the console and ends.
#include <stdio.h>

int main(void)
{
    puts("Hello from ring 3!");
    return 0;
}
