// Has 1 GiB of static data and touches three pages of it.
// shows: memory costs something only where it was touched.
#include <test.h>

#define SIZE (1024u * 1024 * 1024)

static volatile char data[SIZE];

TEST
{
    static const size_t places[] = { 0, SIZE / 2 + 12345, SIZE - 1 };
    for (size_t i = 0; i < 3; i++) {
        REQUIRE(data[places[i]] == 0, "byte %zu is not zero", places[i]);
        data[places[i]] = (char)('a' + i);
    }
    for (size_t i = 0; i < 3; i++)
        msg("byte %'zu is '%c'", places[i], data[places[i]]);
}
