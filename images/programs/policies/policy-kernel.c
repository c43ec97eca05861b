// Uses one page over and over by system calls alone, while it walks once
// through many others.
// shows: what the kernel does with a page for a program is use as well.
#include <pages.h>

#define WALKED 60
#define RECORD 64

TEST
{
    uint8_t *buffer = map_zero(AREA, 1);
    uint8_t *walked = map_zero(AREA_2, WALKED);
    fill_page(buffer, 1);
    make_file("data", NULL, RECORD);
    int fd = must_open("data");
    for (unsigned i = 0; i < WALKED; i++) {
        seek(fd, 0);
        int count = i % 2 == 0 ? write(fd, buffer, RECORD) : read(fd, buffer, RECORD);
        REQUIRE(count == RECORD, "call %u returned %d", i, count);
        store(walked + i * PAGE_SIZE, (uint8_t)i);
    }
    check_page(buffer, 1, "the buffer");
    msg("%d pages walked through", WALKED);
}
