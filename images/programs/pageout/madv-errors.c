// Gives advice that cannot be taken, or not for all pages.
// shows: advice about holes is taken for the rest, and each mistake has its error.
#include <pages.h>

static const int advices[] = { MADV_WILLNEED, MADV_DONTNEED, MADV_COLD, MADV_PAGEOUT };
static const char *const names[] = { "MADV_WILLNEED", "MADV_DONTNEED", "MADV_COLD",
                                     "MADV_PAGEOUT" };

TEST
{
    // Pages 0, 1 and 4, 5 are there; 2 and 3 are not.
    uint8_t *pages = map_zero(AREA, 2);
    map_zero(AREA + 4 * PAGE_SIZE, 2);
    for (int i = 0; i < 4; i++) {
        fill_pages(pages, 2, 10);
        fill_pages(pages + 4 * PAGE_SIZE, 2, 14);
        CHECK(madvise(pages + 1, PAGE_SIZE, advices[i]) == -EINVAL, "%s, misaligned", names[i]);
        CHECK(madvise(pages, 6 * PAGE_SIZE, advices[i]) == -ENOMEM, "%s over a hole", names[i]);
        CHECK(madvise((void *)PHYS_BASE, PAGE_SIZE, advices[i]) == -ENOMEM,
              "%s for the kernel's addresses", names[i]);
        if (advices[i] == MADV_DONTNEED) {
            check_zero(pages, 2 * PAGE_SIZE, "before the hole");
            check_zero(pages + 4 * PAGE_SIZE, 2 * PAGE_SIZE, "after the hole");
        } else {
            check_pages(pages, 2, 10, "before the hole");
            check_pages(pages + 4 * PAGE_SIZE, 2, 14, "after the hole");
        }
    }
    fill_pages(pages, 2, 10);
    fill_pages(pages + 4 * PAGE_SIZE, 2, 14);
    REQUIRE(madvise(pages, 6 * PAGE_SIZE, MADV_PAGEOUT) == -ENOMEM, "page out over the hole");
    CHECK(in_swap(pages) && in_swap(pages + 5 * PAGE_SIZE), "pages around the hole are in swap");
    check_pages(pages, 2, 10, "before the hole");
    check_pages(pages + 4 * PAGE_SIZE, 2, 14, "after the hole");
    CHECK(madvise(pages, PAGE_SIZE, 77) == -EINVAL, "unknown advice");

    REQUIRE(pin_pages(pages, PAGE_SIZE, 1) == 0, "pin");
    CHECK(madvise(pages, 2 * PAGE_SIZE, MADV_DONTNEED) == -EINVAL, "a pinned page is not needed");
    CHECK(madvise(pages, 2 * PAGE_SIZE, MADV_PAGEOUT) == -EINVAL, "a pinned page is to go out");
    check_page(pages, 10, "the pinned page");
    check_zero(pages + PAGE_SIZE, PAGE_SIZE, "the page after it");
    REQUIRE(unpin_pages(pages, PAGE_SIZE) == 0, "unpin");
    CHECK(madvise(pages, 2 * PAGE_SIZE, MADV_PAGEOUT) == 0, "it is not pinned any more");
    check_page(pages, 10, "the page");
}
