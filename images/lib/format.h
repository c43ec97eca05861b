// The formatter under printf() and snprintf(); not for programs.
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>

// Takes one byte of output.
typedef void put_function(char byte, void *sink);

// Formats as documented in stdio.h and passes each byte to `put`.
void format_to(put_function *put, void *sink, const char *format, va_list args);

#endif
