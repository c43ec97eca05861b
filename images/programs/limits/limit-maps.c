// Makes 1,000 mappings of all kinds, cuts each in two, and forks with them.
// shows: a thousand mappings are kept apart, by two processes.
#include <pages.h>

#define MAPPINGS 1000

static uint8_t *place(uint32_t i)
{
    return AREA + 4 * PAGE_SIZE * i;
}

static void check(const char *who)
{
    for (uint32_t i = 0; i < MAPPINGS; i++) {
        uint8_t first = load(place(i));
        uint8_t last = load(place(i) + 2 * PAGE_SIZE);
        uint8_t expected = (uint8_t)(i % 3 == 1 ? 'f' : i);
        REQUIRE(first == expected, "%s, mapping %u: %#x", who, i, first);
        expected = i % 3 == 1 ? 'g' : 0;
        REQUIRE(last == expected, "%s, end of mapping %u: %#x", who, i, last);
    }
}

TEST
{
    make_file("data", NULL, 3 * PAGE_SIZE);
    int fd = must_open("data");
    seek(fd, 0);
    REQUIRE(write(fd, "f", 1) == 1, "write");
    seek(fd, 2 * PAGE_SIZE);
    REQUIRE(write(fd, "g", 1) == 1, "write");
    for (uint32_t i = 0; i < MAPPINGS; i++) {
        if (i % 3 == 1) {
            map_file(place(i), 3, i % 2 == 0 ? MAP_SHARED : MAP_PRIVATE, fd, 0);
        } else {
            map_zero(place(i), 3);
            store(place(i), (uint8_t)i);
        }
    }
    check("the parent");
    msg("1,000 mappings");
    for (uint32_t i = 0; i < MAPPINGS; i++)
        REQUIRE(munmap2(place(i) + PAGE_SIZE, PAGE_SIZE) == 0, "munmap2 in mapping %u", i);
    check("the parent");
    msg("2,000 halves");
    pid_t child = must_fork();
    if (child == 0) {
        check("the child");
        REQUIRE(munmap2(AREA, 2 * MAPPINGS * PAGE_SIZE) == 0, "munmap2");
        exit(31);
    }
    check_child(child, 31, "a child has them too");
    check("the parent");
    CHECK(munmap2(AREA, 4 * MAPPINGS * PAGE_SIZE) == 0, "munmap2 of all");
}
