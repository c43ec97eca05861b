// Makes its own code writable, changes it, and runs it; so does a child, in
// another way.
// shows: code can be made writable; changes take effect at once and never reach the file.
#include <pages.h>

static __attribute__((noinline, aligned(4096), used)) uint32_t number(void)
{
    uint32_t result;
    __asm__ volatile("movl $0x11223344, %0" : "=r"(result));
    return result;
}

// The place of the number in the code.
static uint8_t *find(void)
{
    uint8_t *code = (uint8_t *)number;
    __asm__ volatile("" : "+r"(code));
    for (int i = 0; i < 32; i++)
        if (memcmp(code + i, "\x44\x33\x22\x11", 4) == 0)
            return code + i;
    fail("the number is not in the code");
}

static int do_store(void *at)
{
    store(at, 1);
    return 0;
}

static int change(void *at)
{
    REQUIRE(number() == 0x11220005, "the child starts with %#x", number());
    store(at, 9);
    REQUIRE(number() == 0x11220009, "the child has %#x", number());
    return 23;
}

TEST
{
    uint8_t *place = find();
    CHECK(number() == 0x11223344, "the number is 0x11223344");
    must_kill(do_store, place, "a store into code");
    void *page = (void *)((uintptr_t)number / PAGE_SIZE * PAGE_SIZE);
    CHECK(mprotect(page, PAGE_SIZE, PROT_ALL) == 0, "make the code writable");
    for (uint32_t i = 0; i <= 5; i++) {
        place[0] = (uint8_t)i;
        store(place + 1, 0);
        REQUIRE(number() == (0x11220000 | i), "round %u: %#x", i, number());
    }
    msg("the code has changed");
    CHECK(run_forked(change, place) == 23, "a child changes it further");
    CHECK(number() == 0x11220005, "the parent's is as it was");
    advise(page, 1, MADV_PAGEOUT);
    CHECK(number() == 0x11220005, "also after it was paged out");
    CHECK(mprotect(page, PAGE_SIZE, PROT_READ | PROT_EXEC) == 0, "make the code read-only");
    must_kill(do_store, place, "a store into code");
    CHECK(number() == 0x11220005, "the changes stay");
    int self = must_open("mprotect-code");
    void *shared = mmap2(AREA, PAGE_SIZE, PROT_READ, MAP_SHARED, self, 0);
    REQUIRE(shared == AREA, "a shared mapping that cannot be stored to");
    CHECK(mprotect(shared, PAGE_SIZE, PROT_RW) == -EACCES,
          "a mapping of the file cannot be made writable");
}
