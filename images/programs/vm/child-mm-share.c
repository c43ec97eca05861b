// Answers numbers in a shared mapping with their squares, up to 50, and exits
// with 5; a child of mmap-shared.
// shows: two processes talk through a mapped file.
#include "mmap.h"

int main(void)
{
    must_map("shared", AREA_2);
    volatile uint32_t *question = (uint32_t *)(AREA_2 + 100);
    volatile uint32_t *answer = (uint32_t *)(AREA_2 + 2 * PAGE_SIZE + 200);
    for (uint32_t round = 1; round <= 50; round++) {
        while (*question != round)
            ;
        *answer = round * round;
    }
    return 5;
}
