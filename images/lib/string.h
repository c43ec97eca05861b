// Memory and strings: the functions of the C standard that programs here need.
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

void *memcpy(void *target, const void *source, size_t size);
void *memmove(void *target, const void *source, size_t size);
void *memset(void *target, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *block, int byte, size_t size);

size_t strlen(const char *string);
size_t strnlen(const char *string, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *string, int byte);

// Copies as much of `source` as fits into `size` bytes, always ends it with a
// zero byte, and returns the length of `source`.
size_t strlcpy(char *target, const char *source, size_t size);

// Appends `source` likewise; returns the length that the whole would have.
size_t strlcat(char *target, const char *source, size_t size);

#endif
