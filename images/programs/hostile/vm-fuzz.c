// Has 40 forked children make 200 calls about memory each, with random numbers
// for all arguments; they may do anything but harm.
// shows: no arguments of the calls about memory harm the kernel or other processes.
#include <pages.h>
#include <random.h>

#define PAGES 12

static uint32_t random_address(void)
{
    switch (random_below(7)) {
    case 0:
        return (uint32_t)AREA + random_below(2 * PAGES) * PAGE_SIZE;
    case 1:
        return (uint32_t)AREA + random_below(2 * PAGES * PAGE_SIZE);
    case 2:
        return 0x08048000 + random_below(8) * PAGE_SIZE;
    case 3:
        return PHYS_BASE - random_below(4) * PAGE_SIZE;
    case 4:
        return random_below(4) * PAGE_SIZE;
    case 5:
        return random_next() & ~(PAGE_SIZE - 1);
    default:
        return random_next();
    }
}

static uint32_t random_length(void)
{
    switch (random_below(4)) {
    case 0:
        return random_next();
    case 1:
        return random_below(3) * PAGE_SIZE - random_below(2);
    default:
        return random_below(2 * PAGES) * PAGE_SIZE;
    }
}

static uint32_t random_word(void)
{
    static const uint32_t words[] = { 0, 1, 2, 3, 4, 7, 16, 20, 21, 32, 33, 34, 48, -1u };
    return random_below(5) == 0 ? random_next() : words[random_below(sizeof words / 4)];
}

static void make_calls(uint32_t seed)
{
    static const int calls[] = { SYS_MMAP2,   SYS_MUNMAP2,   SYS_MSYNC,       SYS_MPROTECT,
                                 SYS_MADVISE, SYS_MINCORE,   SYS_PIN_PAGES,   SYS_UNPIN_PAGES,
                                 SYS_PAGEMAP, SYS_PHYSICAL,  SYS_GETPID,      SYS_YIELD,
                                 SYS_VMSTAT,  SYS_FTRUNCATE, SYS_MMAP,        SYS_MUNMAP };
    random_init(seed);
    for (int i = 0; i < 200; i++) {
        int call = calls[random_below(sizeof calls / sizeof *calls)];
        if (call == SYS_FTRUNCATE || call == SYS_MMAP)
            syscall(call, random_below(5), random_length());
        else
            syscall(call, random_address(), random_length(), random_word(), random_word(),
                    random_below(5), random_length());
    }
}

TEST
{
    make_file("data", NULL, 5 * PAGE_SIZE);
    map_zero(AREA, PAGES);
    fill_pages(AREA, PAGES, 7);
    map_file(AREA_2, 3, MAP_SHARED, must_open("data"), 0);
    for (uint32_t i = 0; i < 40; i++) {
        pid_t child = must_fork();
        if (child == 0) {
            make_calls(i);
            // It need not get this far.
            exit(-1);
        }
        REQUIRE(wait(child) == -1, "child %u", i);
        check_pages(AREA, PAGES, 7, "the parent's");
    }
    msg("40 children");
}
