// For each state a page can be in, and each way to access it, inside it and
// across its border to the next: puts a page there, sees that it is there, and
// makes the access.
// shows: every access finds the right bytes in every state, and leaves the right ones behind.
#include "states.h"

#define CASES (2 * ACCESSES)
// The two pages of a case, one for what zeros lead to, and a gap.
#define DISTANCE (4 * PAGE_SIZE)

static struct example examples[CASES];

static void announce(const struct example *example)
{
    const struct page *page = &example->pages[0];
    msg("%s%s: %s%s", page->place == STACK ? "mid-stack " : "", state_names[page->state],
        access_names[example->access], example->span == ACROSS ? " across the border" : "");
}

static void run_state(enum state state, enum place place, uint8_t *at)
{
    for (unsigned i = 0; i < CASES; i++) {
        struct example *example = &examples[i];
        example->access = (enum access)(i % ACCESSES);
        example->span = i < ACCESSES ? INSIDE : ACROSS;
        uint8_t *start = at + i * DISTANCE;
        // Inside, the next page takes no part; across, it is in another state.
        enum state next = example->span == INSIDE || state == SWAPPED ? DIRTY : SWAPPED;
        example->pages[0] = (struct page){ start, state, place, (uint16_t)(2 * i) };
        example->pages[1] = (struct page){ start + PAGE_SIZE, next, place, (uint16_t)(2 * i + 1) };
    }
    run_batch(examples, CASES, announce);
}

static __attribute__((noinline)) void run_on_stack(void)
{
    static const enum state states[] = { UNTOUCHED,   ZERO,  DIRTY, SWAPPED, COW,
                                         COW_SWAPPED, PINNED };
    uint8_t room[CASES * DISTANCE] __attribute__((aligned(4096)));
    __asm__ volatile("" : : "r"(room) : "memory");
    for (unsigned i = 0; i < sizeof states / sizeof *states; i++)
        run_state(states[i], STACK, room);
}

TEST
{
    for (int state = 0; state < STATES; state++)
        run_state((enum state)state, MAPPING, AREA);
    run_on_stack();
}
