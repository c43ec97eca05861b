// A chain of 20 generations, and a tree of 31 processes; each process changes a
// page of its own and finds what its ancestors left in the others.
// shows: any number of generations share pages, each with its own changes.
#include <pages.h>

#define DEPTH 20
#define LEVELS 5

// Page i belongs to generation i; fork after fork, the earlier ones are shared.
static void check(uint32_t generation, uint32_t key)
{
    for (uint32_t i = 0; i < DEPTH; i++)
        check_page(AREA + i * PAGE_SIZE, i < generation ? key + i : 0, "an ancestor's page");
}

static int chain(uint32_t generation)
{
    check(generation, 100);
    fill_page(AREA + generation * PAGE_SIZE, 100 + generation);
    if (generation + 1 < DEPTH) {
        pid_t child = must_fork();
        if (child == 0)
            exit(chain(generation + 1));
        // While the child runs, the parent changes what the child has seen.
        fill_page(AREA, generation);
        int status = wait(child);
        REQUIRE(status == 60, "generation %u: %d", generation + 1, status);
        check_page(AREA, generation, "the parent's change");
    }
    return 60;
}

// `path` is 1 at the root, and 2 p or 2 p + 1 for the children of p.
static int tree(uint32_t level, uint32_t path)
{
    for (uint32_t i = 0; i < level; i++)
        check_page(AREA + i * PAGE_SIZE, path >> (level - i), "an ancestor's page");
    fill_page(AREA + level * PAGE_SIZE, path);
    if (level + 1 < LEVELS) {
        pid_t children[2];
        for (uint32_t i = 0; i < 2; i++) {
            children[i] = must_fork();
            if (children[i] == 0)
                exit(tree(level + 1, 2 * path + i));
        }
        for (int i = 0; i < 2; i++)
            REQUIRE(wait(children[i]) == 60, "a child of %u", path);
    }
    check_page(AREA + level * PAGE_SIZE, path, "a page of its own");
    return 60;
}

TEST
{
    map_zero(AREA, DEPTH);
    for (uint32_t i = 0; i < DEPTH; i++)
        fill_page(AREA + i * PAGE_SIZE, 0);
    CHECK(chain(0) == 60, "20 generations");
    CHECK(tree(0, 1) == 60, "31 processes");
}
