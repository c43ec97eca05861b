// Runs code from a mapped file, and changes it through the mapping and by
// write().
// shows: code in a mapped file runs, and is what was written there last, either way.
#include "code.h"
#include "mmap.h"

TEST
{
    static uint8_t function[16];
    emit_return(function, 1);
    make_file("code", function, sizeof function);
    int fd;
    mapid_t map = open_and_map("code", AREA, &fd);
    for (uint32_t i = 1; i <= 200; i++) {
        uint32_t result = call_code(AREA, 0);
        REQUIRE(result == i, "call %u gave %u", i, result);
        if (i % 2 == 0) {
            emit_return(AREA, i + 1);
        } else {
            emit_return(function, i + 1);
            seek(fd, 0);
            REQUIRE(write(fd, function, sizeof function) == sizeof function, "write \"code\"");
        }
    }
    msg("200 calls were right");
    munmap(map);
}
