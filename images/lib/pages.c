// Pages and processes of tests; see pages.h.
#include "pages.h"

bool roomy(unsigned pages)
{
    struct vmstat stats = stats_now();
    return stats.frames_total - stats.frames_in_use >= pages;
}

struct vmstat stats_now(void)
{
    struct vmstat stats;
    int result = vmstat(&stats);
    REQUIRE(result == 0, "vmstat returned %d", result);
    return stats;
}

uint64_t page_entry(const void *address)
{
    unsigned long long entry = 0;
    int result = pagemap((void *)address, &entry);
    REQUIRE(result == 0, "pagemap of %p returned %d", address, result);
    return entry;
}

bool in_frame(const void *address)
{
    return (page_entry(address) & PM_PRESENT) != 0;
}

bool in_swap(const void *address)
{
    return (page_entry(address) & PM_SWAPPED) != 0;
}

uint8_t *map_zero(uint8_t *address, unsigned pages)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    uint8_t *mapped = mmap2(address, pages * PAGE_SIZE, PROT_ALL, flags, -1, 0);
    REQUIRE(mapped == address, "mmap2 of %u pages at %p returned %d", pages, (void *)address,
            map_error(mapped));
    return mapped;
}

uint8_t *map_file(uint8_t *address, unsigned pages, int flags, int fd, unsigned first)
{
    uint8_t *mapped = mmap2(address, pages * PAGE_SIZE, PROT_ALL, flags, fd, first * PAGE_SIZE);
    REQUIRE(mapped == address, "mmap2 of %u pages of a file at %p returned %d", pages,
            (void *)address, map_error(mapped));
    return mapped;
}

void advise(void *address, unsigned pages, int advice)
{
    int result = madvise(address, pages * PAGE_SIZE, advice);
    REQUIRE(result == 0, "madvise(%p, %u pages, %d) returned %d", address, pages, advice, result);
}

static uint32_t word_of(uint32_t seed, uint32_t index)
{
    uint32_t word = (seed * 1024 + index) * 2654435769u;
    return word ^ word >> 15;
}

void fill_page(void *page, uint32_t seed)
{
    volatile uint32_t *words = page;
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i++)
        words[i] = word_of(seed, i);
}

void fill_pages(void *start, unsigned pages, uint32_t seed)
{
    for (unsigned i = 0; i < pages; i++)
        fill_page((uint8_t *)start + i * PAGE_SIZE, seed + i);
}

void check_page(const void *page, uint32_t seed, const char *what)
{
    const volatile uint32_t *words = page;
    for (uint32_t i = 0; i < PAGE_SIZE / 4; i++) {
        uint32_t word = words[i];
        REQUIRE(word == word_of(seed, i), "%s: word %u at %p is %#x, should be %#x", what, i, page,
                word, word_of(seed, i));
    }
}

void check_pages(const void *start, unsigned pages, uint32_t seed, const char *what)
{
    for (unsigned i = 0; i < pages; i++)
        check_page((const uint8_t *)start + i * PAGE_SIZE, seed + i, what);
}

void check_zero(const void *start, size_t size, const char *what)
{
    const volatile uint8_t *bytes = start;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = bytes[i];
        REQUIRE(byte == 0, "%s: byte %zu at %p is %#x, should be 0", what, i, start, byte);
    }
}

pid_t must_fork(void)
{
    pid_t pid = fork();
    REQUIRE(pid >= 0, "fork returned %d", pid);
    return pid;
}

void check_child(pid_t child, int status, const char *what)
{
    int actual = wait(child);
    REQUIRE(actual == status, "%s: status %d, should be %d", what, actual, status);
    msg("%s", what);
}

int run_forked(int body(void *argument), void *argument)
{
    pid_t child = must_fork();
    if (child == 0)
        exit(body(argument));
    return wait(child);
}

void must_kill(int body(void *argument), void *argument, const char *what)
{
    int status = run_forked(body, argument);
    REQUIRE(status == -1, "%s: status %d, should have been killed", what, status);
    msg("%s: killed", what);
}

void await_file(const char *file)
{
    int fd;
    while ((fd = open(file)) == -1)
        yield();
    close(fd);
}

void post_file(const char *file)
{
    REQUIRE(create(file, 0), "create \"%s\"", file);
}
