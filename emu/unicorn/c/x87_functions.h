/* The x87 instructions d9 e0 to d9 ff, constants apart. Included by x87.h.
 *
 * Functions that hardware approximates are computed in the host's `long double`: the last bit of a result may
 * differ from hardware's. All others are exact. */

static long double x87_to_host(floatx80 a)
{
    long double r = ldexpl(a.low, MAX(x87_exp(a), 1) - 16383 - 63);

    return x87_negative(a) ? -r : r;
}

/* The number and its power of two, apart: the exponent of the result may leave the range. */
static floatx80 x87_from_host(long double value, int *exponent)
{
    long double fraction = frexpl(fabsl(value), exponent);
    floatx80 r = { (uint64_t)ldexpl(fraction, 64), 0x3fff };

    *exponent -= 1;
    return value == 0 ? x87_signed(x87_zero, signbit(value)) : x87_signed(r, signbit(value));
}

/* An approximated result: never exact. */
static bool x87_approximate(CPUX86State *env, long double value, unsigned flags, floatx80 *result)
{
    int exponent;
    floatx80 fraction = x87_from_host(value, &exponent);
    floatx80 by = { (uint32_t)exponent, 0 };

    if (!x87_operate(env, X87_SCALE_BY, fraction, by, flags, result)) {
        return false;
    }
    x87_raise(env, FPUS_PE | (x87_is_denormal(*result) ? FPUS_UE : 0));
    return true;
}

/* True if NaNs and formats without meaning decide; the result is then stored unless an exception forbids it, as
   `*stop` tells. */
static bool x87_special(CPUX86State *env, floatx80 a, floatx80 b, floatx80 *result, bool *stop)
{
    if (x87_is_unsupported(a) || x87_is_unsupported(b)) {
        *result = x87_indefinite;
        *stop = x87_raise(env, FPUS_IE);
        return true;
    }
    if (x87_is_nan(a) || x87_is_nan(b)) {
        *result = x87_pick_nan(a, b);
        *stop = x87_raise(env, x87_is_signaling(a) || x87_is_signaling(b) ? FPUS_IE : 0);
        return true;
    }
    return false;
}

static bool x87_invalid(CPUX86State *env, floatx80 *result)
{
    *result = x87_indefinite;
    return !x87_raise(env, FPUS_IE);
}

static unsigned x87_denormals(floatx80 a, floatx80 b)
{
    return x87_is_denormal(a) || x87_is_denormal(b) ? FPUS_DE : 0;
}

static bool x87_f2xm1(CPUX86State *env, floatx80 a, floatx80 *result)
{
    long double x;

    if (x87_is_zero(a)) {
        *result = a;
        return true;
    }
    if (x87_is_infinite(a)) {
        *result = x87_negative(a) ? x87_signed(x87_one, true) : a;
        return true;
    }
    if (x87_exp(a) >= 0x3fff) {
        /* Beyond 1 the result is not defined: hardware leaves what it cannot compute. */
        if (a.low == 1ULL << 63 && x87_exp(a) == 0x3fff) {
            *result = x87_negative(a) ? x87_signed(x87_one, true) : x87_one;
            result->high -= x87_negative(a);
        } else {
            *result = a;
        }
        x87_raise(env, FPUS_PE);
        return true;
    }
    x = x87_to_host(a);
    return x87_approximate(env, expm1l(x * 0.693147180559945309417232121458176568L), x87_denormals(a, a), result);
}

static floatx80 x87_log_factor(long double log)
{
    int exponent;
    floatx80 r = x87_from_host(log, &exponent);

    return x87_is_zero(r) ? r : x87_scaled(r, exponent);
}

static bool x87_fyl2x(CPUX86State *env, floatx80 x, floatx80 y, floatx80 *result)
{
    bool below = x87_exp(x) < 0x3fff;
    bool is_one = x87_exp(x) == 0x3fff && x.low == 1ULL << 63;
    bool negative = x87_negative(y) != below;
    unsigned flags = x87_denormals(x, y);

    if (x87_is_zero(x)) {
        if (x87_is_zero(y)) {
            return x87_invalid(env, result);
        }
        *result = x87_signed(x87_infinity, negative);
        return x87_is_infinite(y) || !x87_raise(env, FPUS_ZE);
    }
    if (x87_negative(x)) {
        return x87_invalid(env, result);
    }
    if (x87_is_infinite(x) || x87_is_infinite(y)) {
        if (x87_is_zero(y) || is_one) {
            return x87_invalid(env, result);
        }
        *result = x87_signed(x87_infinity, negative);
        return !x87_raise(env, flags);
    }
    if (x87_is_zero(y) || is_one) {
        *result = x87_signed(x87_zero, negative);
        return !x87_raise(env, flags);
    }
    if (!x87_operate(env, X87_MUL_FULL, x87_log_factor(log2l(x87_to_host(x))), y, flags, result)) {
        return false;
    }
    /* Only the logarithm of a power of two is exact. */
    x87_raise(env, x.low & (x.low - 1) ? FPUS_PE : 0);
    return true;
}

static bool x87_fyl2xp1(CPUX86State *env, floatx80 x, floatx80 y, floatx80 *result)
{
    bool negative = x87_negative(x) != x87_negative(y);
    unsigned flags = x87_denormals(x, y);
    long double log;

    if (x87_is_infinite(x) || x87_is_infinite(y)) {
        if ((x87_negative(x) && x87_exp(x) >= 0x3fff) || x87_is_zero(x) || x87_is_zero(y)) {
            return x87_invalid(env, result);
        }
        *result = x87_signed(x87_infinity, negative);
        return !x87_raise(env, flags);
    }
    if (x87_is_zero(x) || x87_is_zero(y)) {
        *result = x87_signed(x87_zero, negative);
        return !x87_raise(env, flags);
    }
    if (x87_negative(x) && x87_exp(x) >= 0x3fff) {
        /* Not defined: hardware leaves ST(1). */
        *result = y;
        x87_raise(env, FPUS_PE);
        return true;
    }
    log = log1pl(x87_to_host(x)) * 1.442695040888963407359924681001892137L;
    if (!x87_operate(env, X87_MUL_FULL, x87_log_factor(log), y, flags, result)) {
        return false;
    }
    x87_raise(env, FPUS_PE);
    return true;
}

static bool x87_fpatan(CPUX86State *env, floatx80 x, floatx80 y, floatx80 *result)
{
    long double host_x = x87_is_infinite(x) ? INFINITY : x87_to_host(x);
    long double host_y = x87_is_infinite(y) ? INFINITY : x87_to_host(y);

    if ((x87_is_zero(y) || (x87_is_infinite(x) && !x87_is_infinite(y))) && !x87_negative(x)) {
        *result = x87_signed(x87_zero, x87_negative(y));
        return !x87_raise(env, x87_denormals(x, y));
    }
    host_x = copysignl(host_x, x87_negative(x) ? -1 : 1);
    host_y = copysignl(host_y, x87_negative(y) ? -1 : 1);
    return x87_approximate(env, atan2l(host_y, host_x), x87_denormals(x, y), result);
}

/* What is left of an angle after whole quarters of a turn, whose number's last two bits go to `quarter`. The
   hardware's pi has 66 bits (SDM vol. 1, 8.3.8). */
static long double x87_reduced(floatx80 a, unsigned *quarter)
{
    const unsigned __int128 half_pi = (unsigned __int128)0xc90fdaa22168c234ULL << 4 | 0xc;
    unsigned __int128 rest = a.low;
    int i, steps = x87_exp(a) - 0x3fff + 4;
    long double r;

    *quarter = 0;
    if (x87_exp(a) < 0x3ffe) {
        return fabsl(x87_to_host(a));
    }
    for (i = 0; i < steps; i++) {
        rest <<= 1;
        *quarter <<= 1;
        if (rest >= half_pi) {
            rest -= half_pi;
            *quarter |= 1;
        }
    }
    if (rest > half_pi / 2) {
        *quarter += 1;
        r = -ldexpl((long double)(half_pi - rest), -67);
    } else {
        r = ldexpl((long double)rest, -67);
    }
    *quarter &= 3;
    return r;
}

static long double x87_sine(long double x, unsigned quarter)
{
    long double r = quarter & 1 ? cosl(x) : sinl(x);

    return quarter & 2 ? -r : r;
}

/* fsin, fcos, fptan, fsincos. The last two push a second result. */
static void x87_trigonometric(CPUX86State *env, int op)
{
    bool two = op == 0xf2 || op == 0xfb;
    floatx80 a = ST0, r = x87_indefinite, second = x87_indefinite;
    bool stop, negative = x87_negative(a);
    unsigned quarter;
    long double x;

    x87_conditions(env, X87_C1 | X87_C2, 0);
    if (x87_empty(env, 0)) {
        stop = x87_underflow(env);
    } else if (two && !x87_empty(env, -1)) {
        stop = x87_overflow(env);
    } else {
        if (x87_special(env, a, a, &r, &stop)) {
            second = r;
        } else if (x87_is_infinite(a)) {
            stop = !x87_invalid(env, &r);
            second = r;
        } else if (x87_exp(a) >= 0x3fff + 63) {
            env->fpus |= X87_C2;
            return;
        } else if (x87_is_zero(a)) {
            r = op == 0xff ? x87_one : a;
            second = x87_one;
            stop = false;
        } else {
            x = x87_reduced(a, &quarter);
            if (op == 0xf2) {
                x = quarter & 1 ? -1 / tanl(x) : tanl(x);
                second = x87_one;
            } else if (op == 0xff) {
                x = x87_sine(x, quarter + 1);
                negative = false;
            } else {
                if (two) {
                    int exponent;
                    second = x87_from_host(x87_sine(x, quarter + 1), &exponent);
                    second = x87_scaled(second, exponent);
                }
                x = x87_sine(x, quarter);
            }
            stop = !x87_approximate(env, negative ? -x : x, x87_denormals(a, a), &r);
        }
    }
    if (stop) {
        return;
    }
    x87_put(env, 0, r);
    if (two) {
        x87_push(env, second);
    }
}

static void x87_fxtract(CPUX86State *env)
{
    floatx80 a = ST0, exponent = x87_indefinite, fraction = x87_indefinite;
    int shift;
    bool stop;

    if (x87_empty(env, 0)) {
        stop = x87_underflow(env);
    } else if (!x87_empty(env, -1)) {
        stop = x87_overflow(env);
    } else {
        x87_conditions(env, X87_C1, 0);
        if (x87_special(env, a, a, &exponent, &stop)) {
            fraction = exponent;
        } else if (x87_is_zero(a)) {
            exponent = x87_signed(x87_infinity, true);
            fraction = a;
            stop = x87_raise(env, FPUS_ZE);
        } else if (x87_is_infinite(a)) {
            exponent = x87_infinity;
            fraction = a;
            stop = false;
        } else {
            shift = clz64(a.low);
            exponent = int32_to_floatx80(MAX(x87_exp(a), 1) - 0x3fff - shift, &env->fp_status);
            fraction.low = a.low << shift;
            fraction.high = 0x3fff;
            fraction = x87_signed(fraction, x87_negative(a));
            stop = x87_raise(env, x87_denormals(a, a));
        }
    }
    if (!stop) {
        x87_put(env, 0, exponent);
        x87_push(env, fraction);
    }
}

/* fprem and, with `nearest`, fprem1: exact, by long division of the significands. */
static bool x87_remainder(CPUX86State *env, floatx80 a, floatx80 b, bool nearest, floatx80 *result)
{
    unsigned __int128 rest;
    uint64_t divisor, quotient = 0;
    int ea, eb, i, steps, distance, exponent, shift;
    bool negative = x87_negative(a);
    unsigned flags = x87_denormals(a, b);

    if (x87_is_infinite(a) || x87_is_zero(b)) {
        return x87_invalid(env, result);
    }
    if (x87_raise(env, flags)) {
        return false;
    }
    *result = x87_normal(a);
    x87_conditions(env, X87_CC, 0);
    if (x87_is_zero(a) || x87_is_infinite(b)) {
        return true;
    }
    shift = clz64(a.low);
    rest = a.low << shift;
    ea = MAX(x87_exp(a), 1) - shift;
    shift = clz64(b.low);
    divisor = b.low << shift;
    eb = MAX(x87_exp(b), 1) - shift;
    distance = ea - eb;
    if (distance < (nearest ? -1 : 0)) {
        steps = -1;
    } else {
        steps = distance < 64 ? distance : 32 + distance % 32;
    }
    exponent = ea - MAX(steps, 0);
    for (i = 0; i <= steps; i++) {
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
        if (i < steps) {
            rest <<= 1;
        }
    }
    if (distance >= 64) {
        env->fpus |= X87_C2;
    } else if (nearest && distance >= -1) {
        /* The quotient to the nearest integer: the rest may change its sign. */
        unsigned __int128 twice = distance < 0 ? rest : rest << 1;

        if (twice > divisor || (twice == divisor && quotient & 1)) {
            rest = ((unsigned __int128)divisor << (distance < 0)) - rest;
            quotient++;
            negative = !negative;
        }
    }
    if (distance < 64) {
        env->fpus |= (quotient & 4 ? X87_C0 : 0) | (quotient & 2 ? X87_C3 : 0) | (quotient & 1 ? X87_C1 : 0);
    }
    if (rest == 0) {
        *result = x87_signed(x87_zero, x87_negative(a));
        return true;
    }
    while (rest >> 64) {
        rest >>= 1;
        exponent++;
    }
    shift = clz64(rest);
    result->low = (uint64_t)rest << shift;
    exponent -= shift;
    if (exponent < 1 && x87_unmasked(env, FPUS_UE)) {
        x87_raise(env, FPUS_UE);
        exponent += X87_SCALE;
    }
    if (exponent < 1) {
        result->low >>= 1 - exponent;
        exponent = 0;
    }
    result->high = exponent;
    *result = x87_signed(*result, negative);
    return true;
}

static bool x87_fscale(CPUX86State *env, floatx80 a, floatx80 b, floatx80 *result)
{
    unsigned flags = x87_denormals(a, b);
    floatx80 by = x87_zero;
    float_status chop = { .float_rounding_mode = float_round_to_zero };
    int32_t n;

    if (x87_is_infinite(b)) {
        if (x87_negative(b) ? x87_is_infinite(a) : x87_is_zero(a)) {
            return x87_invalid(env, result);
        }
        *result = x87_signed(x87_negative(b) ? x87_zero : x87_infinity, x87_negative(a));
        return !x87_raise(env, flags);
    }
    *result = a;
    if (x87_is_infinite(a) || x87_is_zero(a)) {
        return !x87_raise(env, flags);
    }
    n = floatx80_to_int32_round_to_zero(b, &chop);
    by.low = (uint32_t)MIN(MAX(n, -0x10000), 0x10000);
    return x87_operate(env, X87_SCALE_BY, a, by, flags, result);
}

static void x87_classify(CPUX86State *env)
{
    floatx80 a = ST0;
    unsigned class;

    if (x87_empty(env, 0)) {
        class = X87_C3 | X87_C0;
    } else if (x87_is_unsupported(a)) {
        class = 0;
    } else if (x87_is_nan(a)) {
        class = X87_C0;
    } else if (x87_is_infinite(a)) {
        class = X87_C2 | X87_C0;
    } else if (x87_is_zero(a)) {
        class = X87_C3;
    } else {
        class = x87_is_denormal(a) ? X87_C3 | X87_C2 : X87_C2;
    }
    x87_conditions(env, X87_CC, class | (x87_negative(a) ? X87_C1 : 0));
}

/* Functions of one register or two, whose result takes the place of ST(0), or of ST(1) after a pop. */
static void x87_functional(CPUX86State *env, int op)
{
    bool pops = op == 0xf1 || op == 0xf3 || op == 0xf9;
    bool two = pops || op == 0xf5 || op == 0xf8 || op == 0xfd;
    floatx80 a = ST0, b = two ? ST1 : ST0, r = x87_indefinite;
    bool stop;

    x87_conditions(env, op == 0xf5 || op == 0xf8 ? X87_C1 | X87_C2 : X87_C1, 0);
    if (x87_empty(env, 0) || (two && x87_empty(env, 1))) {
        stop = x87_underflow(env);
    } else {
        if (!x87_special(env, a, b, &r, &stop)) {
            switch (op) {
            case 0xf0:
                stop = !x87_f2xm1(env, a, &r);
                break;
            case 0xf1:
                stop = !x87_fyl2x(env, a, b, &r);
                break;
            case 0xf3:
                stop = !x87_fpatan(env, a, b, &r);
                break;
            case 0xf5:
            case 0xf8:
                stop = !x87_remainder(env, a, b, op == 0xf5, &r);
                break;
            case 0xf9:
                stop = !x87_fyl2xp1(env, a, b, &r);
                break;
            case 0xfa:
                stop = !x87_operate(env, X87_SQRT, a, b,
                                    x87_negative(a) ? 0 : x87_denormals(a, a), &r);
                break;
            case 0xfc:
                stop = !x87_operate(env, X87_ROUND, a, b, x87_denormals(a, a), &r);
                break;
            default:
                stop = !x87_fscale(env, a, b, &r);
            }
        }
    }
    if (!stop) {
        x87_put(env, pops, r);
        if (pops) {
            x87_pop(env);
        }
    }
}

void helper_x87_function(CPUX86State *env, uint32_t op)
{
    switch (op) {
    case 0xe0:
    case 0xe1:
        if (x87_empty(env, 0)) {
            if (!x87_underflow(env)) {
                x87_put(env, 0, x87_indefinite);
            }
        } else {
            x87_conditions(env, X87_C1, 0);
            ST0 = x87_signed(ST0, op == 0xe0 && !x87_negative(ST0));
        }
        break;
    case 0xe4:
        x87_compare_value(env, x87_empty(env, 0), x87_zero, 0, 0, false);
        break;
    case 0xe5:
        x87_classify(env);
        break;
    case 0xf2:
    case 0xfb:
    case 0xfe:
    case 0xff:
        x87_trigonometric(env, op);
        break;
    case 0xf4:
        x87_fxtract(env);
        break;
    case 0xf6:
        env->fpstt = (env->fpstt - 1) & 7;
        x87_conditions(env, X87_C1, 0);
        break;
    case 0xf7:
        env->fpstt = (env->fpstt + 1) & 7;
        x87_conditions(env, X87_C1, 0);
        break;
    default:
        x87_functional(env, op);
    }
}
