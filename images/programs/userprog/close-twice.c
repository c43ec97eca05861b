// Closes a descriptor twice.
// shows: closing twice does no harm: an error, or the end of this process alone.
// needs: sample.txt
#include <test.h>

TEST
{
    int fd = must_open("sample.txt");
    msg("close \"sample.txt\"");
    close(fd);
    msg("close \"sample.txt\" again");
    close(fd);
}
