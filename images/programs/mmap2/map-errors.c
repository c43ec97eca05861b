// Asks for invalid mappings, and unmaps what is not a mapping.
// shows: each mistake in a mapping has its error, and changes nothing.
#include <pages.h>

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static int fd;

static int map(void *address, unsigned length, int protection, int flags, int file,
               unsigned offset)
{
    return map_error(mmap2(address, length, protection, flags, file, offset));
}

static void *page_of(const void *address)
{
    return (void *)((uintptr_t)address / PAGE_SIZE * PAGE_SIZE);
}

int main(void);

static void check_mmap2(void)
{
    uint8_t *taken = map_zero(AREA, 4);
    fill_pages(taken, 4, 1);
    CHECK(map(AREA_2 + 1, PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EINVAL, "address misaligned");
    CHECK(map(NULL, PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EINVAL, "address 0");
    CHECK(map(AREA_2, 0, PROT_RW, ANONYMOUS, -1, 0) == -EINVAL, "length 0");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED, fd, 1) == -EINVAL, "offset misaligned");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, 0, fd, 0) == -EINVAL, "neither shared nor private");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED | MAP_PRIVATE, fd, 0) == -EINVAL,
          "shared and private");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == -EINVAL,
          "anonymous and shared");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED, 77, 0) == -EBADF, "no such descriptor");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED, STDOUT_FILENO, 0) == -EBADF, "the console");
    CHECK(map(taken, PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EEXIST, "over a mapping");
    CHECK(map(taken - PAGE_SIZE, 2 * PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EEXIST,
          "over its first page");
    CHECK(map(taken + 3 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_RW, ANONYMOUS | MAP_FIXED, -1, 0) ==
              -EEXIST,
          "over its last page, with MAP_FIXED");
    CHECK(map(page_of((void *)main), PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EEXIST,
          "over code");
    CHECK(map(page_of(&fd), PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EEXIST, "over data");
    CHECK(map((void *)(PHYS_BASE - 0x100000), PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -EEXIST,
          "over the stack's room");
    CHECK(map((void *)PHYS_BASE, PAGE_SIZE, PROT_RW, ANONYMOUS, -1, 0) == -ENOMEM,
          "the kernel's addresses");
    CHECK(map(AREA_2, 0xf0000000, PROT_RW, ANONYMOUS, -1, 0) == -ENOMEM, "beyond user space");
    int self = must_open("map-errors");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_RW, MAP_SHARED, self, 0) == -EACCES,
          "a running program, shared and writable");
    CHECK(map(AREA_2, PAGE_SIZE, PROT_READ, MAP_SHARED, self, 0) == 0,
          "a running program, shared and read-only");
    CHECK(memcmp(AREA_2, "\177ELF", 4) == 0, "which is an executable");
    CHECK(munmap2(AREA_2, PAGE_SIZE) == 0, "and can be unmapped");
    check_pages(taken, 4, 1, "the mapping that was there");
}

static void check_munmap2(void)
{
    CHECK(munmap2(AREA + 1, PAGE_SIZE) == -EINVAL, "munmap2, misaligned");
    CHECK(munmap2(page_of((void *)main), PAGE_SIZE) == -EINVAL, "munmap2 of code");
    CHECK(munmap2(page_of(&fd), PAGE_SIZE) == -EINVAL, "munmap2 of data");
    int local;
    CHECK(munmap2(page_of(&local), PAGE_SIZE) == -EINVAL, "munmap2 of the stack");
    uint8_t *start = (uint8_t *)0x08000000;
    unsigned length = (unsigned)(AREA - start) + 4 * PAGE_SIZE;
    CHECK(munmap2(start, length) == -EINVAL, "munmap2 of code and a mapping");
    check_pages(AREA, 4, 1, "the mapping that was there");
}

TEST
{
    make_file("data", "data", 4);
    fd = must_open("data");
    check_mmap2();
    check_munmap2();
}
