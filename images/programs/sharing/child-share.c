// Calls 40 functions on a page each and reads 16 pages of constants, says that
// it is ready with a file named after its argument, and does it again when there
// is a file "go"; exits with 42. A child of share-code.
// shows: a program of 56 pages writes only a few for itself.
#include <pages.h>

// A function that starts a page and does with its argument what no other does.
#define FUNCTION(n)                                                                \
    static __attribute__((aligned(4096), noinline, used)) uint32_t f##n(uint32_t x) \
    {                                                                              \
        return x * (0x##n##u + 3) ^ (0x##n##u + 1) * 1000003u;                     \
    }

#define EIGHT(macro, tens)                                                   \
    macro(tens##0) macro(tens##1) macro(tens##2) macro(tens##3)              \
    macro(tens##4) macro(tens##5) macro(tens##6) macro(tens##7)

#define ALL(macro) EIGHT(macro, 0) EIGHT(macro, 1) EIGHT(macro, 2) EIGHT(macro, 3) EIGHT(macro, 4)

ALL(FUNCTION)

#define NAME(n) { f##n, 0x##n },

static const struct {
    uint32_t (*function)(uint32_t);
    uint32_t number;
} functions[40] = { ALL(NAME) };

// Constants, with a number in the middle of each page.
#define CONSTANT_PAGES 16

#define CONSTANT(n) [1024 * 0x##n + 512] = 0x##n * 77 + 1,

static const uint32_t constants[CONSTANT_PAGES * 1024] __attribute__((aligned(4096))) = {
    EIGHT(CONSTANT, ) CONSTANT(8) CONSTANT(9) CONSTANT(a) CONSTANT(b) CONSTANT(c) CONSTANT(d)
    CONSTANT(e) CONSTANT(f)
};

static void run_all(uint32_t x)
{
    for (int i = 0; i < 40; i++) {
        uint32_t n = functions[i].number;
        uint32_t result = functions[i].function(x);
        REQUIRE(result == (x * (n + 3) ^ (n + 1) * 1000003u), "function %#x gave %#x", n, result);
    }
    const volatile uint32_t *words = constants;
    for (uint32_t i = 0; i < CONSTANT_PAGES; i++) {
        uint32_t word = words[1024 * i + 512];
        REQUIRE(word == i * 77 + 1, "constant %u is %u", i, word);
    }
}

int main(int argc, char *argv[])
{
    char file[16];
    REQUIRE(argc == 2, "a number is needed");
    run_all(1);
    snprintf(file, sizeof file, "ready%s", argv[1]);
    post_file(file);
    await_file("go");
    run_all(2);
    return 42;
}
