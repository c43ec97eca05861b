// Writes to its own code.
// shows: code pages are read-only for programs.
#include <test.h>

int main(void);

TEST
{
    MUST_DIE(*(volatile char *)main = 0);
}
