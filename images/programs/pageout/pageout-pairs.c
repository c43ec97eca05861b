// For each two states that neighbouring pages can be in: makes an access of each
// kind that lies in both.
// shows: an access across a page border works whatever states its two pages are in.
#include "states.h"

#define DISTANCE (4 * PAGE_SIZE)

static struct example examples[STATES * ACCESSES];

static void announce(const struct example *example)
{
    // A line for the five accesses to two states.
    if (example->access == 0)
        msg("%s%s and %s", example->pages[0].place == STACK ? "mid-stack " : "",
            state_names[example->pages[0].state], state_names[example->pages[1].state]);
}

static void run_pairs(enum state first, const enum state *seconds, unsigned count,
                      enum place place, uint8_t *at)
{
    for (unsigned i = 0; i < count * ACCESSES; i++) {
        uint8_t *start = at + i * DISTANCE;
        struct example *example = &examples[i];
        *example = (struct example){
            .access = (enum access)(i % ACCESSES),
            .span = ACROSS,
        };
        enum state second = seconds[i / ACCESSES];
        example->pages[0] = (struct page){ start, first, place, (uint16_t)(2 * i) };
        example->pages[1] =
            (struct page){ start + PAGE_SIZE, second, place, (uint16_t)(2 * i + 1) };
    }
    run_batch(examples, count * ACCESSES, announce);
}

static __attribute__((noinline)) void run_on_stack(void)
{
    static const enum state states[] = { UNTOUCHED, ZERO, SWAPPED, COW, PINNED };
    enum { COUNT = sizeof states / sizeof *states };
    uint8_t room[COUNT * ACCESSES * DISTANCE] __attribute__((aligned(4096)));
    __asm__ volatile("" : : "r"(room) : "memory");
    for (int i = 0; i < COUNT; i++)
        run_pairs(states[i], states, COUNT, STACK, room);
}

TEST
{
    enum state all[STATES];
    for (int i = 0; i < STATES; i++)
        all[i] = (enum state)i;
    for (int i = 0; i < STATES; i++)
        run_pairs((enum state)i, all, STATES, MAPPING, AREA);
    run_on_stack();
}
