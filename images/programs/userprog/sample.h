// The text of files/sample.txt, for comparison.
#ifndef USERPROG_SAMPLE_H
#define USERPROG_SAMPLE_H

#include <test.h>

static const char sample[] =
    "A page went out on a swap slot one night,\n"
    "with its dirty bit set and its frame number light.\n"
    "It was read back at noon, not a byte out of place,\n"
    "but in some other frame, in the same address space.\n"
    "\"How strange,\" said the page, \"I have moved, yet I'm here:\n"
    "the table still knows me, so nothing to fear.\"\n";

#endif
