// Moves about in a file and reads single bytes.
// shows: seek sets the position that tell, read and write use.
// needs: sample.txt
#include "sample.h"

TEST
{
    int fd = must_open("sample.txt");
    CHECK(tell(fd) == 0, "a new descriptor is at 0");
    for (unsigned i = 0; i < sizeof sample - 1; i += 7) {
        char byte;
        unsigned at = (i * 31) % (sizeof sample - 1);
        seek(fd, at);
        REQUIRE(tell(fd) == at, "tell is %u, should be %u", tell(fd), at);
        REQUIRE(read(fd, &byte, 1) == 1, "read at %u", at);
        compare_bytes(&byte, sample + at, 1, at, "sample.txt");
        REQUIRE(tell(fd) == at + 1, "tell is %u, should be %u", tell(fd), at + 1);
    }
    msg("each byte was where it should be");
}
