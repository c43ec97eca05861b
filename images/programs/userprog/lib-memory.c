// Compares the library's memory, string and sorting functions with plain loops.
// shows: memmove, memset, strings and qsort of the user library are right.
#include <random.h>
#include <test.h>

static char block[600];
static char model[600];

static void check_moves(void)
{
    for (int i = 0; i < 2000; i++) {
        uint32_t from = random_below(300);
        uint32_t to = random_below(300);
        uint32_t size = random_below(300);
        char copy[300];
        for (uint32_t j = 0; j < size; j++)
            copy[j] = model[from + j];
        for (uint32_t j = 0; j < size; j++)
            model[to + j] = copy[j];
        memmove(block + to, block + from, size);
        REQUIRE(memcmp(block, model, sizeof block) == 0, "memmove by %d", (int)(to - from));
    }
    msg("memmove is right");
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void check_sorting(void)
{
    uint32_t numbers[500];
    uint32_t sum = 0;
    for (int i = 0; i < 500; i++)
        sum += numbers[i] = random_next();
    qsort(numbers, 500, sizeof *numbers, by_value);
    for (int i = 0; i < 500; i++) {
        REQUIRE(i == 0 || numbers[i - 1] <= numbers[i], "numbers %d and %d", i - 1, i);
        sum -= numbers[i];
    }
    REQUIRE(sum == 0, "the sum changed");
    msg("qsort is right");
}

static void check_strings(void)
{
    char text[8];
    REQUIRE(strlcpy(text, "abcdefghij", sizeof text) == 10, "strlcpy");
    REQUIRE(strcmp(text, "abcdefg") == 0 && strlen(text) == 7, "strlcpy");
    text[3] = '\0';
    REQUIRE(strlcat(text, "XYZW123", sizeof text) == 10, "strlcat");
    REQUIRE(strcmp(text, "abcXYZW") == 0, "strlcat");
    REQUIRE(strcmp("abc", "abd") < 0 && strcmp("b", "a") > 0, "strcmp");
    REQUIRE(strncmp("abcd", "abce", 3) == 0, "strncmp");
    REQUIRE(strchr(text, 'X') == text + 3 && strchr(text, '?') == NULL, "strchr");
    REQUIRE(memchr(text, 'Y', 7) == text + 4 && memchr(text, '?', 7) == NULL, "memchr");
    REQUIRE(atoi("-120x") == -120 && atoi("+7") == 7 && atoi("x") == 0, "atoi");
    msg("strings are right");
}

TEST
{
    random_init(1);
    random_bytes(block, sizeof block);
    for (size_t i = 0; i < sizeof block; i++)
        model[i] = block[i];
    check_moves();
    check_sorting();
    check_strings();
}
