// Maps a file shared and private, in two places and in a child, and compares the
// frames.
// shows: all mappings of a page are one frame until a private one is stored to.
#include <pages.h>

static bool room;

static void check_same(const void *a, const void *b, const char *what)
{
    load(a);
    load(b);
    REQUIRE(!room || physical(a) == physical(b), "%s: two frames", what);
    msg("%s: one frame", what);
}

static void check_different(const void *a, const void *b, const char *what)
{
    load(a);
    load(b);
    REQUIRE(!room || physical(a) != physical(b), "%s: one frame", what);
    msg("%s: two frames", what);
}

TEST
{
    make_file("data", NULL, 2 * PAGE_SIZE);
    int fd = must_open("data");
    room = roomy(48);
    uint8_t *shared = map_file(AREA, 2, MAP_SHARED, fd, 0);
    uint8_t *second = map_file(AREA_2, 2, MAP_SHARED, fd, 0);
    uint8_t *private = map_file(AREA_2 + 4 * PAGE_SIZE, 2, MAP_PRIVATE, fd, 0);
    uint8_t *other = map_file(AREA_2 + 8 * PAGE_SIZE, 2, MAP_PRIVATE, fd, 0);
    fill_pages(shared, 2, 1);
    check_same(shared, second, "two shared mappings");
    check_same(shared, private, "a shared and a private one");
    check_same(private, other, "two private ones");
    unsigned copies = stats_now().copies;
    store(private, 'x');
    CHECK(!room || stats_now().copies == copies + 1, "a store to a private one is one copy");
    check_different(shared, private, "stored to");
    check_same(shared, other, "not stored to");
    check_same(shared + PAGE_SIZE, private + PAGE_SIZE, "the next page");

    unsigned frame = physical(shared);
    unsigned own = physical(private);
    pid_t child = must_fork();
    if (child == 0) {
        check_page(shared, 1, "the child's");
        REQUIRE(load(private) == 'x', "the child's private one");
        REQUIRE(!room || physical(shared) == frame, "the child's shared one has another frame");
        REQUIRE(!room || physical(private) == own, "the child's private one was copied");
        store(private, 'y');
        store(shared + 100, 'z');
        REQUIRE(!room || physical(private) != own, "the child's store was not copied");
        REQUIRE(!room || physical(shared) == frame, "the child's store was copied");
        exit(27);
    }
    check_child(child, 27, "a child shares as well");
    CHECK(load(private) == 'x' && load(shared + 100) == 'z', "and has its own and the shared");
    check_page(shared + PAGE_SIZE, 2, "the last page");
}
