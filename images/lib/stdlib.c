// Numbers from text, and sorting; see stdlib.h.
#include "stdlib.h"

#include <stdbool.h>

#include "string.h"

int atoi(const char *text)
{
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    unsigned number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (unsigned)(*text - '0');
    return (int)(negative ? -number : number);
}

static void swap(char *a, char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

// Lets element `at` sink until none of its children is larger.
static void sink(char *elements, size_t at, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            return;
        char *larger = elements + child * size;
        if (child + 1 < count && compare(larger, larger + size) < 0) {
            child++;
            larger += size;
        }
        if (compare(elements + at * size, larger) >= 0)
            return;
        swap(elements + at * size, larger, size);
        at = child;
    }
}

void qsort(void *elements, size_t count, size_t size,
           int (*compare)(const void *, const void *))
{
    for (size_t i = count / 2; i > 0; i--)
        sink(elements, i - 1, count, size, compare);
    for (size_t end = count; end > 1; end--) {
        swap(elements, (char *)elements + (end - 1) * size, size);
        sink(elements, 0, end - 1, size, compare);
    }
}

void sort_bytes(uint8_t *bytes, size_t count)
{
    size_t counts[256];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < count; i++)
        counts[bytes[i]]++;
    for (int value = 0; value < 256; value++) {
        memset(bytes, value, counts[value]);
        bytes += counts[value];
    }
}
