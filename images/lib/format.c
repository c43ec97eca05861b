// The formatter: parses a format and outputs one byte after the other.
#include "format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "string.h"

// The part between % and the letter of a conversion.
struct spec {
    bool left;      // -
    bool zeros;     // 0
    bool prefix;    // #
    bool grouped;   // '
    char sign;      // '+', ' ' or 0: the sign of numbers that are >= 0
    int width;      // 0 if there is none
    int precision;  // -1 if there is none
    int bytes;      // size of the integer argument
};

struct output {
    put_function *put;
    void *sink;
};

static void put_repeated(const struct output *out, char byte, int count)
{
    while (count-- > 0)
        out->put(byte, out->sink);
}

static void put_bytes(const struct output *out, const char *bytes, int count)
{
    for (int i = 0; i < count; i++)
        out->put(bytes[i], out->sink);
}

static void put_text(const struct output *out, const struct spec *spec, const char *text, int length)
{
    int padding = spec->width - length;
    if (!spec->left)
        put_repeated(out, ' ', padding);
    put_bytes(out, text, length);
    if (spec->left)
        put_repeated(out, ' ', padding);
}

static void put_number(const struct output *out, const struct spec *spec, uint64_t value,
                       bool negative, unsigned base, bool capitals)
{
    const char *digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    // Digits from the right: 22 octal digits or 20 decimal ones and 6 commas.
    char text[32];
    int length = 0;
    int count = 0;
    for (uint64_t rest = value; rest > 0; rest /= base) {
        if (spec->grouped && count > 0 && count % 3 == 0)
            text[length++] = ',';
        text[length++] = digits[rest % base];
        count++;
    }

    char sign = negative ? '-' : spec->sign;
    bool hex = spec->prefix && base == 16 && value != 0;
    int zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
    if (zeros < 0)
        zeros = 0;
    int padding = spec->width - length - zeros - (sign != 0) - 2 * hex;
    if (spec->zeros && !spec->left && spec->precision < 0 && padding > 0) {
        zeros += padding;
        padding = 0;
    }

    if (!spec->left)
        put_repeated(out, ' ', padding);
    if (sign != 0)
        out->put(sign, out->sink);
    if (hex)
        put_bytes(out, capitals ? "0X" : "0x", 2);
    put_repeated(out, '0', zeros);
    while (length > 0)
        out->put(text[--length], out->sink);
    if (spec->left)
        put_repeated(out, ' ', padding);
}

static const char *parse_flags(const char *at, struct spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->left = true;
            break;
        case '0':
            spec->zeros = true;
            break;
        case '#':
            spec->prefix = true;
            break;
        case '\'':
            spec->grouped = true;
            break;
        case '+':
            spec->sign = '+';
            break;
        case ' ':
            if (spec->sign == 0)
                spec->sign = ' ';
            break;
        default:
            return at;
        }
    }
}

static const char *parse_digits(const char *at, int *number)
{
    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        *number = *number * 10 + (*at - '0');
    return at;
}

static const char *parse_size(const char *at, struct spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case 'h':
            spec->bytes /= 2;
            break;
        case 'l':
            // One l is a long of 4 bytes, two are 8.
            spec->bytes = at[1] == 'l' ? 8 : spec->bytes;
            break;
        case 'j':
            spec->bytes = 8;
            break;
        case 'z':
        case 't':
            break;
        default:
            return at;
        }
    }
}

// The va_list of format_to() in a struct, so that its address can be taken.
struct arguments {
    va_list list;
};

static uint64_t next_unsigned(struct arguments *args, const struct spec *spec)
{
    if (spec->bytes == 8)
        return va_arg(args->list, uint64_t);
    uint32_t value = va_arg(args->list, uint32_t);
    if (spec->bytes == 4)
        return value;
    return spec->bytes == 2 ? (uint16_t)value : (uint8_t)value;
}

static int64_t next_signed(struct arguments *args, const struct spec *spec)
{
    uint64_t value = next_unsigned(args, spec);
    if (spec->bytes == 8)
        return (int64_t)value;
    if (spec->bytes == 4)
        return (int32_t)value;
    return spec->bytes == 2 ? (int16_t)value : (int8_t)value;
}

static void convert(const struct output *out, struct spec *spec, char letter, struct arguments *args)
{
    switch (letter) {
    case 'd':
    case 'i': {
        int64_t value = next_signed(args, spec);
        put_number(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, 10, false);
        break;
    }
    case 'u':
        spec->sign = 0;
        put_number(out, spec, next_unsigned(args, spec), false, 10, false);
        break;
    case 'o':
        spec->sign = 0;
        put_number(out, spec, next_unsigned(args, spec), false, 8, false);
        break;
    case 'p':
        spec->prefix = true;
        spec->bytes = 4;
        // fall through
    case 'x':
    case 'X':
        spec->sign = 0;
        put_number(out, spec, next_unsigned(args, spec), false, 16, letter == 'X');
        break;
    case 's': {
        const char *text = va_arg(args->list, const char *);
        if (text == NULL)
            text = "(null)";
        size_t limit = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
        put_text(out, spec, text, (int)strnlen(text, limit));
        break;
    }
    case 'c': {
        char byte = (char)va_arg(args->list, int);
        put_text(out, spec, &byte, 1);
        break;
    }
    default:
        // %% and anything else: the letter itself.
        out->put(letter, out->sink);
    }
}

void format_to(put_function *put, void *sink, const char *format, va_list list)
{
    struct output out = { put, sink };
    struct arguments args;
    va_copy(args.list, list);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            put(*at, sink);
            continue;
        }
        struct spec spec = { .precision = -1, .bytes = 4 };
        at = parse_flags(at + 1, &spec);
        if (*at == '*') {
            spec.width = va_arg(args.list, int);
            at++;
        } else {
            at = parse_digits(at, &spec.width);
        }
        if (*at == '.' && at[1] == '*') {
            spec.precision = va_arg(args.list, int);
            at += 2;
        } else if (*at == '.') {
            at = parse_digits(at + 1, &spec.precision);
        }
        at = parse_size(at, &spec);
        if (*at == '\0')
            break;
        convert(&out, &spec, *at, &args);
    }
    va_end(args.list);
}
