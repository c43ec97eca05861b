// Forks with filled data, .bss, memory and stack. First the child stores to all
// of it, then, with a second child, the parent does.
// shows: after a fork neither process sees what the other stores.
#include <pages.h>

#define PAGES 12

static uint8_t data[PAGES * PAGE_SIZE] __attribute__((aligned(4096))) = { 1 };
static uint8_t bss[PAGES * PAGE_SIZE] __attribute__((aligned(4096)));

static void fill(uint8_t *stack, uint32_t seed)
{
    fill_pages(data, PAGES, seed);
    fill_pages(bss, PAGES, seed + 100);
    fill_pages(AREA, PAGES, seed + 200);
    fill_pages(stack, PAGES, seed + 300);
}

static void check(const uint8_t *stack, uint32_t seed, const char *who)
{
    check_pages(data, PAGES, seed, who);
    check_pages(bss, PAGES, seed + 100, who);
    check_pages(AREA, PAGES, seed + 200, who);
    check_pages(stack, PAGES, seed + 300, who);
}

TEST
{
    uint8_t stack[PAGES * PAGE_SIZE];
    map_zero(AREA, PAGES);
    fill(stack, 1000);

    pid_t child = must_fork();
    if (child == 0) {
        check(stack, 1000, "the first child, before");
        fill(stack, 2000);
        check(stack, 2000, "the first child, after");
        exit(1);
    }
    check_child(child, 1, "the child stores");
    check(stack, 1000, "the parent, after the first child");

    child = must_fork();
    if (child == 0) {
        await_file("go");
        check(stack, 1000, "the second child, after its parent");
        exit(2);
    }
    fill(stack, 3000);
    post_file("go");
    check_child(child, 2, "the parent stores");
    check(stack, 3000, "the parent, in the end");
}
