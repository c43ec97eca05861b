// Maps memory until the address space is full, and uses some of it.
// shows: all of an address space can be mapped; what does not fit is refused.
#include <pages.h>

#define STEP (16 * 1024 * 1024u)
#define FIRST 0x09000000u
#define LAST 0xbf000000u

TEST
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    unsigned count = 0;
    for (uint32_t at = FIRST; at < LAST; at += STEP) {
        int error = map_error(mmap2((void *)at, STEP, PROT_RW, flags, -1, 0));
        REQUIRE(error == 0, "mmap2 at %#x returned %d", at, error);
        count++;
    }
    msg("%u mappings of 16 MiB", count);
    CHECK(map_error(mmap2((void *)LAST, STEP, PROT_RW, flags, -1, 0)) == -EEXIST,
          "the next one would be where the stack is");
    for (uint32_t at = FIRST; at < LAST; at += STEP / 2) {
        int error = map_error(mmap2((void *)at, 1, PROT_RW, flags, -1, 0));
        REQUIRE(error == -EEXIST, "mmap2 at %#x returned %d", at, error);
    }
    msg("no room is left between");
    for (uint32_t at = FIRST; at < LAST; at += STEP)
        *(volatile uint32_t *)at = *(volatile uint32_t *)(at + STEP - 4) = at;
    for (uint32_t at = FIRST; at < LAST; at += STEP)
        REQUIRE(*(volatile uint32_t *)at == at && *(volatile uint32_t *)(at + STEP - 4) == at,
                "the memory at %#x", at);
    msg("each can be used");
    CHECK(munmap2((void *)FIRST, LAST - FIRST) == 0, "munmap2 of all at once");
    CHECK(map_error(mmap2((void *)FIRST, LAST - FIRST, PROT_RW, flags, -1, 0)) == 0,
          "one mapping instead");
    check_zero((void *)FIRST, PAGE_SIZE, "its first page");
    check_zero((void *)(LAST - PAGE_SIZE), PAGE_SIZE, "its last page");
}
