// Prints with every conversion, width and flag, and compares.
// shows: the user library's printf formats as C says.
// flags: -Wno-format
#include <test.h>

static int checked;

#define IS(expected, ...)                                                       \
    do {                                                                        \
        char text[128];                                                         \
        int length = snprintf(text, sizeof text, __VA_ARGS__);                  \
        REQUIRE(strcmp(text, expected) == 0 && length == (int)strlen(expected), \
                "'%s' should be '%s'", text, expected);                         \
        checked++;                                                              \
    } while (0)

static void check_numbers(void)
{
    IS("0 -1 42", "%d %i %u", 0, -1, 42u);
    IS("-2147483648", "%d", -2147483647 - 1);
    IS("4294967295 ffffffff FF 17", "%u %x %X %o", 4294967295u, 4294967295u, 255u, 15u);
    IS("18446744073709551615", "%llu", 18446744073709551615ull);
    IS("-9223372036854775808", "%lld", -9223372036854775807ll - 1);
    IS("deadbeefcafe", "%llx", 0xdeadbeefcafeull);
    IS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);
    IS("12 7 -3", "%zu %ju %td", (size_t)12, (uintmax_t)7, (ptrdiff_t)-3);
    IS("0xc0000000", "%p", (void *)0xc0000000);
    IS("0x1f 0 0XAB", "%#x %#x %#X", 31u, 0u, 171u);
    IS("+5 -5  7", "%+d %+d % d", 5, -5, 7);
}

static void check_widths(void)
{
    IS("   42|42   |00042", "%5d|%-5d|%05d", 42, 42, 42);
    IS("  -42|-0042", "%5d|%05d", -42, -42);
    IS("  007|+03", "%5.3d|%+.2d", 7, 3);
    IS("0x00ff|  0xff", "%#06x|%#6x", 255u, 255u);
    IS("   7|  -7|", "%*d|%*d|", 4, 7, 4, -7);
}

static void check_groups(void)
{
    IS("1,234", "%'d", 1234);
    IS("123 1,000 -1,234,567", "%'d %'d %'d", 123, 1000, -1234567);
    IS("18,446,744,073,709,551,615", "%'llu", 18446744073709551615ull);
    IS(" 1,048,576", "%'10u", 1048576u);
}

static void check_text(void)
{
    IS("text|  text|text  |te", "%s|%6s|%-6s|%.2s", "text", "text", "text", "text");
    IS("abc|x", "%.*s|%c", 3, "abcdef", 'x');
    IS("100%", "%d%%", 100);
}

TEST
{
    check_numbers();
    check_widths();
    check_groups();
    check_text();
    char small[5];
    CHECK(snprintf(small, sizeof small, "%s", "too long") == 8, "a string too long is counted");
    CHECK(strcmp(small, "too ") == 0, "and cut");
    msg("%d texts are right", checked);
}
