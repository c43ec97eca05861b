// Writes a text of 3,000 bytes to the console in one call.
// shows: the console takes a long text whole and returns its length.
#include <test.h>

TEST
{
    char text[3000];
    for (int line = 0; line < 50; line++) {
        memset(text + 60 * line, 'a' + line % 26, 59);
        text[60 * line + 59] = '\n';
    }
    CHECK(write(STDOUT_FILENO, text, sizeof text) == sizeof text, "write 3,000 bytes");
}
