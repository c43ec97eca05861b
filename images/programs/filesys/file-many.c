// Creates 100 files, writes to each, reads and removes them.
// shows: many files keep their contents apart.
#include <test.h>

#define FILES 100

static const char *name_of(int file)
{
    static char name[16];
    snprintf(name, sizeof name, "file%d", file);
    return name;
}

TEST
{
    msg("create %d files", FILES);
    for (int i = 0; i < FILES; i++) {
        REQUIRE(create(name_of(i), sizeof i), "create \"%s\"", name_of(i));
        int fd = must_open(name_of(i));
        REQUIRE(write(fd, &i, sizeof i) == sizeof i, "write \"%s\"", name_of(i));
        close(fd);
    }
    msg("read and remove them");
    for (int i = 0; i < FILES; i++) {
        int number;
        int fd = must_open(name_of(i));
        REQUIRE(read(fd, &number, sizeof number) == sizeof number, "read \"%s\"", name_of(i));
        REQUIRE(number == i, "\"%s\" holds %d", name_of(i), number);
        close(fd);
        REQUIRE(remove(name_of(i)), "remove \"%s\"", name_of(i));
        REQUIRE(open(name_of(i)) == -1, "\"%s\" is still there", name_of(i));
    }
}
