// Divides 64-bit numbers and checks that quotient and rest make up the dividend.
// shows: the user library's 64-bit division is right, for each size of operands.
#include <random.h>
#include <test.h>

// A number of any length from 1 to 64 bits.
static uint64_t any_length(void)
{
    uint64_t number = (uint64_t)random_next() << 32 | random_next();
    return number >> random_below(64);
}

static void check_unsigned(uint64_t a, uint64_t b)
{
    uint64_t quotient = a / b;
    uint64_t rest = a % b;
    REQUIRE(rest < b && quotient * b + rest == a, "%llu / %llu = %llu, rest %llu", a, b, quotient,
            rest);
    // No larger quotient fits.
    REQUIRE(quotient <= UINT64_MAX / b, "%llu / %llu = %llu", a, b, quotient);
}

static void check_signed(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    int64_t rest = a % b;
    REQUIRE(quotient * b + rest == a, "%lld / %lld = %lld, rest %lld", a, b, quotient, rest);
    REQUIRE(rest == 0 || (rest < 0) == (a < 0), "%lld %% %lld = %lld", a, b, rest);
    REQUIRE((rest < 0 ? -rest : rest) < (b < 0 ? -b : b), "%lld %% %lld = %lld", a, b, rest);
}

TEST
{
    random_init(64);
    for (int i = 0; i < 20000; i++) {
        uint64_t a = any_length();
        uint64_t b = any_length();
        if (b == 0)
            continue;
        check_unsigned(a, b);
        check_signed((int64_t)(a >> 1), (int64_t)(b >> 1 | 1));
        check_signed(-(int64_t)(a >> 1), (int64_t)(b >> 1 | 1));
        check_signed((int64_t)(a >> 1), -(int64_t)(b >> 1 | 1));
    }
    check_unsigned(UINT64_MAX, 1);
    check_unsigned(UINT64_MAX, UINT64_MAX);
    check_unsigned(UINT64_MAX, 0x8000000000000001);
    msg("20,000 divisions are right");
}
