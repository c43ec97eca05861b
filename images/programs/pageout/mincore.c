// Asks which pages are in frames, of memory, a file, code and a hole.
// shows: mincore reports the pages that are in frames, and brings none in.
#include <pages.h>

#define PAGES 8

static unsigned char vector[PAGES + 1];

static int bad_vector(void *at)
{
    return mincore(AREA, PAGE_SIZE, at);
}

TEST
{
    uint8_t *pages = map_zero(AREA, PAGES);
    for (uint32_t i = 0; i < PAGES; i += 2)
        store(pages + i * PAGE_SIZE, 1);
    vector[PAGES] = 77;
    bool room = roomy(PAGES + 24);
    for (int round = 0; round < 2; round++) {
        CHECK(mincore(pages, PAGES * PAGE_SIZE - 5, vector) == 0, "mincore");
        for (uint32_t i = 0; i < PAGES; i++) {
            REQUIRE(i % 2 == 0 || (vector[i] & 1) == 0, "page %u was never touched", i);
            REQUIRE(!room || (vector[i] & 1) == (i % 2 == 0), "page %u: %u", i, vector[i]);
        }
    }
    CHECK(vector[PAGES] == 77, "no byte more than there are pages");
    advise(pages, PAGES, MADV_PAGEOUT);
    REQUIRE(mincore(pages, PAGES * PAGE_SIZE, vector) == 0, "mincore");
    for (uint32_t i = 0; i < PAGES; i++)
        REQUIRE((vector[i] & 1) == 0, "page %u is paged out", i);
    msg("none is there after they were paged out");
    CHECK(mincore((void *)0x08048000, PAGE_SIZE, vector) == 0, "mincore of code");

    CHECK(mincore(pages + 1, PAGE_SIZE, vector) == -EINVAL, "misaligned");
    CHECK(mincore(pages + PAGES * PAGE_SIZE, PAGE_SIZE, vector) == -ENOMEM, "not mapped");
    CHECK(mincore(pages, (PAGES + 1) * PAGE_SIZE, vector) == -ENOMEM, "partly mapped");
    CHECK(mincore((void *)PHYS_BASE, PAGE_SIZE, vector) == -ENOMEM, "the kernel's addresses");
    must_kill(bad_vector, (void *)PHYS_BASE, "a vector at a kernel address");
    must_kill(bad_vector, (void *)0x08048000, "a vector in code");
}
