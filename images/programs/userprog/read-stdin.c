// Reads a line from the keyboard.
// shows: descriptor 0 is the keyboard.
#include <test.h>

TEST
{
    char line[32];
    int used = 0;
    while (used < (int)sizeof line && read(STDIN_FILENO, line + used, 1) == 1 && line[used] != '\n')
        used++;
    msg("read '%.*s'", used, line);
}
