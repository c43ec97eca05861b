// Removes an open file, and goes on writing and reading it.
// shows: a removed file lives until its last descriptor is closed.
#include "sync.h"

TEST
{
    make_contents();
    CHECK(create("deleteme", sizeof contents), "create \"deleteme\"");
    int fd = must_open("deleteme");
    CHECK(remove("deleteme"), "remove \"deleteme\"");
    CHECK(open("deleteme") == -1, "it cannot be opened again");
    CHECK(write(fd, contents, sizeof contents) == sizeof contents, "write to it");
    seek(fd, 0);
    check_open_file(fd, "deleteme", contents, sizeof contents);
    msg("it holds what was written");
    CHECK(create("deleteme", 10), "create another \"deleteme\"");
    CHECK(filesize(must_open("deleteme")) == 10, "the new one has a size of its own");
    CHECK(filesize(fd) == sizeof contents, "and the removed one its own");
}
