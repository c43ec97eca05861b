// Maps a file private, checks it, stores to all of it, by the number in its
// argument, and exits with 28; a child of share-private.
// shows: a private mapping starts as the file is.
#include <pages.h>

#define PAGES 20

int main(int argc, char *argv[])
{
    REQUIRE(argc == 2, "a number is needed");
    uint32_t seed = 1000 * (uint32_t)atoi(argv[1]);
    uint8_t *pages = map_file(AREA, PAGES, MAP_PRIVATE, must_open("data"), 0);
    for (int round = 0; round < 3; round++) {
        check_pages(pages, PAGES, round == 0 ? 300 : seed, "the mapping");
        fill_pages(pages, PAGES, seed);
        yield();
    }
    return 28;
}
