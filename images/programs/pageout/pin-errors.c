// Pins what cannot be pinned and unpins what is not.
// shows: each mistake in pins has its error, and changes nothing.
#include <pages.h>

TEST
{
    uint8_t *pages = map_zero(AREA, 3);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    REQUIRE(mmap2(AREA_2, PAGE_SIZE, PROT_READ, flags, -1, 0) == AREA_2, "mmap2");
    REQUIRE(mmap2(AREA_2 + PAGE_SIZE, PAGE_SIZE, PROT_NONE, flags, -1, 0) == AREA_2 + PAGE_SIZE,
            "mmap2");
    fill_pages(pages, 3, 7);
    CHECK(pin_pages(pages + 1, PAGE_SIZE, 1) == -EINVAL, "pin, misaligned");
    CHECK(unpin_pages(pages + 1, PAGE_SIZE) == -EINVAL, "unpin, misaligned");
    CHECK(pin_pages(pages + 2 * PAGE_SIZE, 2 * PAGE_SIZE, 1) == -EFAULT, "pin a hole");
    CHECK(unpin_pages(pages + 2 * PAGE_SIZE, PAGE_SIZE) == -EINVAL,
          "what came before is not pinned");
    CHECK(pin_pages((void *)PHYS_BASE, PAGE_SIZE, 0) == -ENOMEM, "pin the kernel's addresses");
    CHECK(pin_pages(AREA_2, PAGE_SIZE, 1) == -EFAULT, "pin a read-only page for writing");
    CHECK(pin_pages(AREA_2, PAGE_SIZE, 0) == 0, "pin it for reading");
    CHECK(pin_pages(AREA_2 + PAGE_SIZE, PAGE_SIZE, 0) == -EFAULT, "pin a page without rights");
    CHECK(pin_pages((void *)0x08048000, PAGE_SIZE, 1) == -EFAULT, "pin code for writing");
    CHECK(pin_pages((void *)0x08048000, PAGE_SIZE, 0) == 0, "pin code for reading");
    CHECK(unpin_pages((void *)0x08048000, PAGE_SIZE) == 0, "unpin it");

    CHECK(pin_pages(pages, PAGE_SIZE, 1) == 0, "pin one of three pages");
    CHECK(unpin_pages(pages, 3 * PAGE_SIZE) == -EINVAL, "unpin all three");
    unsigned frame = physical(pages);
    advise(pages + PAGE_SIZE, 2, MADV_PAGEOUT);
    REQUIRE(physical(pages) == frame, "the page has moved");
    CHECK(unpin_pages(pages, PAGE_SIZE) == 0, "unpin the one");
    CHECK(unpin_pages(pages, PAGE_SIZE) == -EINVAL, "unpin it again");
    check_pages(pages, 3, 7, "the pages");
}
