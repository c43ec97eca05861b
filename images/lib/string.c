// Memory and strings; see string.h.
//
// Copying and filling use the string instructions: short, and no compiler can
// mistake them for a loop that it would turn into a call of the same function.
#include "string.h"

#include <stdint.h>

void *memcpy(void *target, const void *source, size_t size)
{
    void *to = target;
    size_t words = size / 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(source), "+c"(words) : : "memory");
    size_t rest = size % 4;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(rest) : : "memory");
    return target;
}

void *memmove(void *target, const void *source, size_t size)
{
    if ((uintptr_t)target - (uintptr_t)source >= size)
        return memcpy(target, source, size);
    // The target starts inside the source: from the end to the start.
    char *to = (char *)target + size - 1;
    const char *from = (const char *)source + size - 1;
    __asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return target;
}

void *memset(void *target, int byte, size_t size)
{
    void *to = target;
    size_t words = size / 4;
    size_t rest = size % 4;
    uint32_t pattern = (uint8_t)byte * 0x01010101u;
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
    return target;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (size_t i = 0; i < size; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

void *memchr(const void *block, int byte, size_t size)
{
    const uint8_t *bytes = block;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == (uint8_t)byte)
            return (void *)(bytes + i);
    return NULL;
}

size_t strnlen(const char *string, size_t limit)
{
    size_t length = 0;
    while (length < limit && string[length] != '\0')
        length++;
    return length;
}

size_t strlen(const char *string)
{
    return strnlen(string, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        if (a[i] != b[i])
            return (uint8_t)a[i] < (uint8_t)b[i] ? -1 : 1;
        if (a[i] == '\0')
            break;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *string, int byte)
{
    for (;; string++) {
        if (*string == (char)byte)
            return (char *)string;
        if (*string == '\0')
            return NULL;
    }
}

size_t strlcpy(char *target, const char *source, size_t size)
{
    size_t length = strlen(source);
    if (size > 0) {
        size_t fits = length < size ? length : size - 1;
        memcpy(target, source, fits);
        target[fits] = '\0';
    }
    return length;
}

size_t strlcat(char *target, const char *source, size_t size)
{
    size_t start = strnlen(target, size);
    return start + strlcpy(target + start, source, size - start);
}
