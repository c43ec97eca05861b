// Asks for the size of files, also after writing in the middle.
// shows: filesize is the size now, whatever the position.
// needs: sample.txt
#include "sample.h"

TEST
{
    int fd = must_open("sample.txt");
    msg("\"sample.txt\" has %d bytes", filesize(fd));
    seek(fd, 5);
    CHECK(filesize(fd) == sizeof sample - 1, "the position does not matter");
    CHECK(create("sized", 1234), "create \"sized\"");
    fd = must_open("sized");
    CHECK(filesize(fd) == 1234, "size is 1234");
    seek(fd, 600);
    CHECK(write(fd, "middle", 6) == 6, "write in the middle");
    CHECK(filesize(fd) == 1234, "size is the same");
}
