// Maps a file of three pages, and so does a child: each answers what the other
// stores.
// shows: processes that map one file see each other's stores at once.
// needs: child-mm-share
#include "mmap.h"

#define ROUNDS 50

TEST
{
    make_file("shared", NULL, 3 * PAGE_SIZE);
    mapid_t map = must_map("shared", AREA);
    pid_t child = exec("child-mm-share");
    REQUIRE(child != PID_ERROR, "exec child-mm-share");
    volatile uint32_t *question = (uint32_t *)(AREA + 100);
    volatile uint32_t *answer = (uint32_t *)(AREA + 2 * PAGE_SIZE + 200);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        *question = round;
        while (*answer != round * round)
            ;
    }
    // The child's last words come at a time of their own.
    check_child(child, 5, "50 questions are answered");
    CHECK(*answer == ROUNDS * ROUNDS, "the last answer is still there");
    munmap(map);

    uint32_t words[2];
    int fd = must_open("shared");
    seek(fd, 100);
    REQUIRE(read(fd, &words[0], 4) == 4, "read the question");
    seek(fd, 2 * PAGE_SIZE + 200);
    REQUIRE(read(fd, &words[1], 4) == 4, "read the answer");
    CHECK(words[0] == ROUNDS && words[1] == ROUNDS * ROUNDS, "the file holds both");
}
