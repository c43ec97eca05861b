// Has all of itself paged out, code, data and stack, again and again, while it
// computes.
// shows: a program can be paged out as a whole at any time and notices nothing.
#include <pages.h>
#include <random.h>

static uint32_t numbers[8 * PAGE_SIZE / 4];

static void page_out(const void *from, const void *to)
{
    uintptr_t start = (uintptr_t)from / PAGE_SIZE * PAGE_SIZE;
    uintptr_t pages = ((uintptr_t)to - start) / PAGE_SIZE + 1;
    advise((void *)start, pages, MADV_PAGEOUT);
}

static uint32_t descend(uint32_t depth)
{
    volatile uint32_t here[256];
    for (uint32_t i = 0; i < 256; i++)
        here[i] = depth + i;
    uint32_t sum = 0;
    if (depth < 30) {
        sum = descend(depth + 1);
    } else {
        page_out((void *)here, (const void *)(PHYS_BASE - 1));
        page_out((const void *)0x08048000, (const void *)0x08048fff);
        page_out(numbers, (char *)numbers + sizeof numbers - 1);
    }
    for (uint32_t i = 0; i < 256; i++)
        sum += here[i];
    return sum;
}

TEST
{
    random_init(8);
    random_bytes(numbers, sizeof numbers);
    for (int round = 0; round < 20; round++) {
        uint32_t sum = descend(0);
        REQUIRE(sum == 31 * 32640 + 256 * 465, "round %d: %u", round, sum);
    }
    msg("20 rounds");
    random_init(8);
    random_xor(numbers, sizeof numbers);
    check_zero(numbers, sizeof numbers, "the numbers");
    msg("the numbers are as they were");
}
