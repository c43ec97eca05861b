// Writes through one descriptor and reads through another.
// shows: what is written is seen at once through every descriptor of the file.
#include <test.h>

TEST
{
    char text[6] = "";
    CHECK(create("shared", 100), "create \"shared\"");
    int writer = must_open("shared");
    int reader = must_open("shared");
    for (int i = 0; i < 10; i++) {
        char out[6];
        snprintf(out, sizeof out, "line%d", i);
        REQUIRE(write(writer, out, 5) == 5, "write %d", i);
        REQUIRE(read(reader, text, 5) == 5, "read %d", i);
        compare_bytes(text, out, 5, (size_t)i * 5, "shared");
    }
    msg("the reader saw what the writer wrote");
}
