// Writes 200,000 bytes in one call, and reads them back in one.
// shows: the size of a read or write is bounded only by its buffer.
#include <random.h>
#include <test.h>

static char out[200000];
static char in[200000];

TEST
{
    random_init(7);
    random_bytes(out, sizeof out);
    CHECK(create("big", 0), "create \"big\"");
    int fd = must_open("big");
    CHECK(write(fd, out, sizeof out) == sizeof out, "write all at once");
    seek(fd, 0);
    CHECK(read(fd, in, sizeof in) == sizeof in, "read all at once");
    compare_bytes(in, out, sizeof out, 0, "big");
}
