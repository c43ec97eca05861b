/* The x87 unit: every instruction finds its exceptions before it changes anything.
 *
 * Each helper works on copies. What it finds goes to the status word by x87_raise(), which tells if an
 * exception that is not masked is among it; only then are registers, the stack and memory changed. The
 * check for an exception left pending by an earlier instruction is made by the translator's call of
 * helper_fwait, ahead of the operand in memory. */

#include "probe.h"
#include "x87_ops.h"

#define X87_C0 0x0100
#define X87_C1 0x0200
#define X87_C2 0x0400
#define X87_C3 0x4000
#define X87_CC (X87_C0 | X87_C1 | X87_C2 | X87_C3)
#define X87_STACK (FPUS_IE | FPUS_SF)
#define X87_UNORDERED (X87_C0 | X87_C2 | X87_C3)
/* How far an exponent is moved if an overflow or underflow is not masked. */
#define X87_SCALE 24576

static const floatx80 x87_indefinite = { 0xc000000000000000ULL, 0xffff };
static const floatx80 x87_zero = { 0, 0 };
static const floatx80 x87_one = { 0x8000000000000000ULL, 0x3fff };
static const floatx80 x87_infinity = { 0x8000000000000000ULL, 0x7fff };

/* ---- kinds of numbers ---- */

static inline int x87_exp(floatx80 a)
{
    return a.high & 0x7fff;
}

static inline bool x87_negative(floatx80 a)
{
    return a.high >> 15;
}

static inline bool x87_is_zero(floatx80 a)
{
    return x87_exp(a) == 0 && a.low == 0;
}

static inline bool x87_is_denormal(floatx80 a)
{
    return x87_exp(a) == 0 && a.low != 0;
}

/* A denormal number with the first bit set means the same as the smallest exponent does, and is so written. */
static inline floatx80 x87_normal(floatx80 a)
{
    a.high |= x87_exp(a) == 0 && a.low >> 63;
    return a;
}

/* Formats that the 387 and its successors do not know any more. */
static inline bool x87_is_unsupported(floatx80 a)
{
    return x87_exp(a) != 0 && !(a.low >> 63);
}

static inline bool x87_is_infinite(floatx80 a)
{
    return x87_exp(a) == 0x7fff && a.low == 1ULL << 63;
}

static inline bool x87_is_nan(floatx80 a)
{
    return x87_exp(a) == 0x7fff && a.low > 1ULL << 63;
}

static inline bool x87_is_signaling(floatx80 a)
{
    return x87_is_nan(a) && !(a.low >> 62 & 1);
}

static inline floatx80 x87_signed(floatx80 a, bool negative)
{
    a.high = (a.high & 0x7fff) | negative << 15;
    return a;
}

static inline floatx80 x87_quiet(floatx80 a)
{
    a.low |= 3ULL << 62;
    return a;
}

/* The larger of two magnitudes that are no NaNs. */
static inline bool x87_exceeds(floatx80 a, floatx80 b)
{
    return x87_exp(a) > x87_exp(b) || (x87_exp(a) == x87_exp(b) && a.low > b.low);
}

/* The NaN that an operation of two operands gives, one of which is a NaN. */
static floatx80 x87_pick_nan(floatx80 a, floatx80 b)
{
    if (!x87_is_nan(a)) {
        return x87_quiet(b);
    }
    if (!x87_is_nan(b)) {
        return x87_quiet(a);
    }
    if (x87_is_signaling(a) != x87_is_signaling(b)) {
        return x87_is_signaling(a) ? b : a;
    }
    if (a.low != b.low) {
        return x87_quiet(a.low > b.low ? a : b);
    }
    return x87_quiet(x87_negative(a) ? b : a);
}

/* ---- the status word ---- */

static inline unsigned x87_unmasked(CPUX86State *env, unsigned flags)
{
    return flags & ~env->fpuc & FPUC_EM;
}

static void x87_summary(CPUX86State *env)
{
    env->fpus &= ~(FPUS_SE | FPUS_B);
    if (x87_unmasked(env, env->fpus)) {
        env->fpus |= FPUS_SE | FPUS_B;
    }
}

/* True if the instruction must end here. */
static bool x87_raise(CPUX86State *env, unsigned flags)
{
    env->fpus |= flags;
    x87_summary(env);
    return x87_unmasked(env, flags);
}

static inline void x87_conditions(CPUX86State *env, unsigned mask, unsigned set)
{
    env->fpus = (env->fpus & ~mask) | set;
}

static inline unsigned x87_from_soft(unsigned flags)
{
    return (flags & float_flag_invalid ? FPUS_IE : 0) | (flags & float_flag_divbyzero ? FPUS_ZE : 0)
           | (flags & float_flag_overflow ? FPUS_OE : 0) | (flags & float_flag_underflow ? FPUS_UE : 0)
           | (flags & float_flag_inexact ? FPUS_PE : 0);
}

void update_fp_status(CPUX86State *env)
{
    static const signed char rounding[4] = {
        float_round_nearest_even, float_round_down, float_round_up, float_round_to_zero,
    };
    static const signed char precision[4] = { 32, 80, 64, 80 };

    set_float_rounding_mode(rounding[env->fpuc >> 10 & 3], &env->fp_status);
    set_floatx80_rounding_precision(precision[env->fpuc >> 8 & 3], &env->fp_status);
}

static void x87_control(CPUX86State *env, unsigned value)
{
    cpu_set_fpuc(env, (value & 0x1f3f) | 0x40);
    x87_summary(env);
}

static unsigned x87_status(CPUX86State *env)
{
    return (env->fpus & ~0x3800) | env->fpstt << 11;
}

/* ---- the stack ---- */

static inline bool x87_empty(CPUX86State *env, int i)
{
    return env->fptags[(env->fpstt + i) & 7];
}

static inline void x87_pop(CPUX86State *env)
{
    env->fptags[env->fpstt] = 1;
    env->fpstt = (env->fpstt + 1) & 7;
}

static inline void x87_push(CPUX86State *env, floatx80 value)
{
    env->fpstt = (env->fpstt - 1) & 7;
    env->fptags[env->fpstt] = 0;
    ST0 = value;
}

static inline void x87_put(CPUX86State *env, int i, floatx80 value)
{
    env->fptags[(env->fpstt + i) & 7] = 0;
    ST(i) = value;
}

/* An empty register was to be read. True if the instruction must end here. */
static bool x87_underflow(CPUX86State *env)
{
    x87_conditions(env, X87_C1, 0);
    return x87_raise(env, X87_STACK);
}

/* A register in use was to be pushed on. */
static bool x87_overflow(CPUX86State *env)
{
    x87_conditions(env, X87_C1, X87_C1);
    return x87_raise(env, X87_STACK);
}

/* Pushes what was loaded, with the exceptions that loading found. */
static void x87_load(CPUX86State *env, floatx80 value, unsigned flags)
{
    if (!x87_empty(env, -1)) {
        if (!x87_overflow(env)) {
            x87_push(env, x87_indefinite);
        }
        return;
    }
    x87_conditions(env, X87_C1, 0);
    x87_raise(env, flags);
    /* A denormal number is loaded even if DE is not masked. */
    if (!(x87_unmasked(env, flags) & FPUS_IE)) {
        x87_push(env, value);
    }
}

/* ---- arithmetic ---- */

static floatx80 x87_compute(int op, floatx80 a, floatx80 b, float_status *status)
{
    switch (op) {
    case X87_ADD:
        return floatx80_add(a, b, status);
    case X87_MUL:
    case X87_MUL_FULL:
        return floatx80_mul(a, b, status);
    case X87_SUB:
        return floatx80_sub(a, b, status);
    case X87_SUBR:
        return floatx80_sub(b, a, status);
    case X87_DIV:
        return floatx80_div(a, b, status);
    case X87_DIVR:
        return floatx80_div(b, a, status);
    case X87_SQRT:
        return floatx80_sqrt(a, status);
    case X87_ROUND:
        return floatx80_round_to_int(a, status);
    default:
        return floatx80_scalbn(a, (int32_t)b.low, status);
    }
}

/* `a` times a power of two. Exact, if the exponent has room for it. */
static floatx80 x87_scaled(floatx80 a, int by)
{
    float_status exact = { .floatx80_rounding_precision = 80 };

    return floatx80_scalbn(a, by, &exact);
}

/* The result of an operation that leaves the range of exponents, moved by `scale` (SDM vol. 1, 4.9.1.4 and
   4.9.1.5): computed anew from operands that were moved, so that it is rounded once. */
static floatx80 x87_compute_moved(int op, floatx80 a, floatx80 b, int scale, float_status *status)
{
    int half = scale / 2;

    switch (op) {
    case X87_MUL:
    case X87_MUL_FULL:
        return x87_compute(op, x87_scaled(a, half), x87_scaled(b, half), status);
    case X87_DIV:
        return x87_compute(op, x87_scaled(a, half), x87_scaled(b, -half), status);
    case X87_DIVR:
        return x87_compute(op, x87_scaled(a, -half), x87_scaled(b, half), status);
    case X87_SCALE_BY:
        b.low = (uint32_t)((int32_t)b.low + scale);
        return x87_compute(op, a, b, status);
    default:
        /* A sum overflows by a bit. */
        if (scale < 0) {
            floatx80 sum = x87_compute(op, x87_scaled(a, -2), x87_scaled(b, -2), status);
            return x87_scaled(sum, scale + 2);
        }
        return x87_compute(op, x87_scaled(a, scale), x87_scaled(b, scale), status);
    }
}

/* Does an operation on numbers, finishing what softfloat leaves out: denormal operands are told by `flags`,
   which holds DE for them. True with the result if it is to be stored. */
static bool x87_operate(CPUX86State *env, int op, floatx80 a, floatx80 b, unsigned flags, floatx80 *result)
{
    float_status status = env->fp_status;
    float_status chop;
    floatx80 r, t;
    int scale = 0;

    x87_conditions(env, X87_C1, 0);
    a = x87_normal(a);
    b = x87_normal(b);
    if (op >= X87_SCALE_BY) {
        /* The control word's precision is for arithmetic alone. */
        status.floatx80_rounding_precision = 80;
    }
    set_float_exception_flags(0, &status);
    r = x87_compute(op, a, b, &status);
    if (get_float_exception_flags(&status) & float_flag_invalid) {
        *result = x87_indefinite;
        return !x87_raise(env, FPUS_IE);
    }
    if (get_float_exception_flags(&status) & float_flag_divbyzero) {
        *result = r;
        return !x87_raise(env, FPUS_ZE);
    }
    if (flags && x87_raise(env, flags)) {
        return false;
    }
    flags = x87_from_soft(get_float_exception_flags(&status));
    if (x87_unmasked(env, FPUS_UE) && x87_is_denormal(r)) {
        flags |= FPUS_UE;
    }
    if (x87_unmasked(env, flags) & FPUS_OE) {
        scale = -X87_SCALE;
    } else if (x87_unmasked(env, flags) & FPUS_UE) {
        scale = X87_SCALE;
    }
    chop = status;
    set_float_rounding_mode(float_round_to_zero, &chop);
    if (scale) {
        set_float_exception_flags(0, &status);
        r = x87_compute_moved(op, a, b, scale, &status);
        flags = (flags & ~FPUS_PE) | (x87_from_soft(get_float_exception_flags(&status)) & FPUS_PE);
        if (get_float_exception_flags(&status) & float_flag_overflow) {
            /* fscale may go further than the way that exponents are moved. */
            r = x87_signed(x87_infinity, x87_negative(r));
        }
    }
    if (flags & FPUS_PE) {
        t = scale ? x87_compute_moved(op, a, b, scale, &chop) : x87_compute(op, a, b, &chop);
        if (x87_exceeds(r, t)) {
            env->fpus |= X87_C1;
        }
    }
    x87_raise(env, flags);
    *result = r;
    return true;
}

/* An operation of two operands that are there; one that came from memory tells by `flags` if it was a denormal
   number there. */
static bool x87_binary(CPUX86State *env, int op, floatx80 a, floatx80 b, unsigned flags, floatx80 *result)
{
    if (x87_is_unsupported(a) || x87_is_unsupported(b)) {
        x87_conditions(env, X87_C1, 0);
        *result = x87_indefinite;
        return !x87_raise(env, FPUS_IE);
    }
    if (x87_is_nan(a) || x87_is_nan(b)) {
        x87_conditions(env, X87_C1, 0);
        *result = x87_pick_nan(a, b);
        return !x87_raise(env, x87_is_signaling(a) || x87_is_signaling(b) ? FPUS_IE : 0);
    }
    if (x87_is_denormal(a) || x87_is_denormal(b)) {
        flags |= FPUS_DE;
    }
    return x87_operate(env, op, a, b, flags, result);
}

/* Less, equal, greater, unordered, as softfloat's -1, 0, 1, 2. Denormal numbers with an explicit first bit are
   compared as what they mean. */
static int x87_relation(floatx80 a, floatx80 b)
{
    int ea = x87_exp(a), eb = x87_exp(b);
    bool less;

    if (x87_is_zero(a) && x87_is_zero(b)) {
        return 0;
    }
    if (x87_negative(a) != x87_negative(b)) {
        return x87_negative(a) ? -1 : 1;
    }
    ea += ea == 0;
    eb += eb == 0;
    if (ea == eb && a.low == b.low) {
        return 0;
    }
    less = ea < eb || (ea == eb && a.low < b.low);
    return less != x87_negative(a) ? -1 : 1;
}

/* The condition codes of a comparison; `stop` if an exception keeps it from going on. */
static unsigned x87_comparison(CPUX86State *env, floatx80 a, floatx80 b, unsigned flags, bool quiet, bool *stop)
{
    static const uint16_t codes[3] = { X87_C0, X87_C3, 0 };

    x87_conditions(env, X87_C1, 0);
    if (x87_is_unsupported(a) || x87_is_unsupported(b)) {
        *stop = x87_raise(env, FPUS_IE);
        return X87_UNORDERED;
    }
    if (x87_is_nan(a) || x87_is_nan(b)) {
        *stop = x87_raise(env, !quiet || x87_is_signaling(a) || x87_is_signaling(b) ? FPUS_IE : 0);
        return X87_UNORDERED;
    }
    if (x87_is_denormal(a) || x87_is_denormal(b)) {
        flags |= FPUS_DE;
    }
    *stop = x87_raise(env, flags);
    return codes[x87_relation(a, b) + 1];
}

static void x87_compare_value(CPUX86State *env, bool empty, floatx80 b, unsigned flags, int pops, bool quiet)
{
    unsigned codes = X87_UNORDERED;
    bool stop;

    if (empty) {
        stop = x87_underflow(env);
    } else {
        codes = x87_comparison(env, ST0, b, flags, quiet, &stop);
    }
    /* An exception that is not masked keeps it from popping alone. */
    x87_conditions(env, X87_CC & ~X87_C1, codes);
    while (!stop && pops--) {
        x87_pop(env);
    }
}

/* fcom, fucom and their kin: `how` is the register, twice 8 for each pop, and 64 for one that is quiet. */
void helper_x87_compare(CPUX86State *env, uint32_t how)
{
    int i = how & 7;

    x87_compare_value(env, x87_empty(env, 0) || x87_empty(env, i), ST(i), 0, how >> 4 & 3, how & 64);
}

/* fcomi and its kin give flags. */
void helper_x87_compare_flags(CPUX86State *env, uint32_t how)
{
    int i = how & 7;
    unsigned codes = X87_UNORDERED;
    bool stop;

    if (x87_empty(env, 0) || x87_empty(env, i)) {
        stop = x87_underflow(env);
    } else {
        codes = x87_comparison(env, ST0, ST(i), 0, how & 64, &stop);
    }
    CC_SRC = (codes & X87_C0 ? CC_C : 0) | (codes & X87_C2 ? CC_P : 0) | (codes & X87_C3 ? CC_Z : 0);
    if (!stop && how >> 4 & 3) {
        x87_pop(env);
    }
}

/* ST(0) and a value from memory. */
static void x87_with_memory(CPUX86State *env, int op, floatx80 b, unsigned flags)
{
    floatx80 r = x87_indefinite;

    if (op == X87_COM || op == X87_COMP) {
        x87_compare_value(env, x87_empty(env, 0), b, flags, op == X87_COMP, false);
    } else if (x87_empty(env, 0) ? !x87_underflow(env) : x87_binary(env, op, ST0, b, flags, &r)) {
        x87_put(env, 0, r);
    }
}

/* A number of a narrower format as it is: signaling NaNs stay so. */
static floatx80 x87_widen(uint64_t fraction, int exp, int exp_max, bool negative, unsigned *flags)
{
    floatx80 r;

    *flags = 0;
    if (exp == exp_max) {
        r.high = 0x7fff;
        r.low = 1ULL << 63 | fraction;
    } else if (exp != 0) {
        r.high = exp - (exp_max >> 1) + 0x3fff;
        r.low = 1ULL << 63 | fraction;
    } else if (fraction == 0) {
        r = x87_zero;
    } else {
        int shift = clz64(fraction);

        *flags = FPUS_DE;
        r.high = 0x3fff - (exp_max >> 1) - shift + 1;
        r.low = fraction << shift;
    }
    return x87_signed(r, negative);
}

static floatx80 x87_from_m32(uint32_t bits, unsigned *flags)
{
    return x87_widen((uint64_t)(bits & 0x7fffff) << 40, bits >> 23 & 0xff, 0xff, bits >> 31, flags);
}

static floatx80 x87_from_m64(uint64_t bits, unsigned *flags)
{
    return x87_widen((bits & 0xfffffffffffffULL) << 11, bits >> 52 & 0x7ff, 0x7ff, bits >> 63, flags);
}

void helper_x87_arith_m32(CPUX86State *env, uint32_t bits, uint32_t op)
{
    unsigned flags;
    floatx80 b = x87_from_m32(bits, &flags);

    x87_with_memory(env, op, b, flags);
}

void helper_x87_arith_m64(CPUX86State *env, uint64_t bits, uint32_t op)
{
    unsigned flags;
    floatx80 b = x87_from_m64(bits, &flags);

    x87_with_memory(env, op, b, flags);
}

void helper_x87_arith_int(CPUX86State *env, uint32_t value, uint32_t op)
{
    x87_with_memory(env, op, int32_to_floatx80(value, &env->fp_status), 0);
}

/* Two registers: `how` is the operation, eight times the register, 64 if it gets the result, 128 to pop. */
void helper_x87_arith_reg(CPUX86State *env, uint32_t how)
{
    int op = how & 7, i = how >> 3 & 7, to = how & 64 ? i : 0;
    floatx80 r = x87_indefinite;

    if (x87_empty(env, 0) || x87_empty(env, i) ? !x87_underflow(env)
                                               : x87_binary(env, op, ST0, ST(i), 0, &r)) {
        x87_put(env, to, r);
        if (how & 128) {
            x87_pop(env);
        }
    }
}

/* ---- loads ---- */

static void x87_load_number(CPUX86State *env, floatx80 value, unsigned flags)
{
    if (x87_is_signaling(value)) {
        flags |= FPUS_IE;
        value = x87_quiet(value);
    }
    x87_load(env, value, flags);
}

void helper_x87_fld_m32(CPUX86State *env, uint32_t bits)
{
    unsigned flags;
    floatx80 value = x87_from_m32(bits, &flags);

    x87_load_number(env, value, flags);
}

void helper_x87_fld_m64(CPUX86State *env, uint64_t bits)
{
    unsigned flags;
    floatx80 value = x87_from_m64(bits, &flags);

    x87_load_number(env, value, flags);
}

void helper_x87_fild(CPUX86State *env, uint64_t value)
{
    x87_load(env, int64_to_floatx80(value, &env->fp_status), 0);
}

static floatx80 x87_read(CPUX86State *env, target_ulong ptr, uintptr_t ra)
{
    floatx80 r;

    r.low = cpu_ldq_data_ra(env, (uint32_t)ptr, ra);
    r.high = cpu_lduw_data_ra(env, (uint32_t)(ptr + 8), ra);
    return r;
}

static void x87_write(CPUX86State *env, target_ulong ptr, floatx80 value, uintptr_t ra)
{
    cpu_stq_data_ra(env, (uint32_t)ptr, value.low, ra);
    cpu_stw_data_ra(env, (uint32_t)(ptr + 8), value.high, ra);
}

void helper_x87_fld_m80(CPUX86State *env, target_ulong ptr)
{
    probe_range(env, ptr, 10, MMU_DATA_LOAD, GETPC());
    x87_load(env, x87_read(env, ptr, GETPC()), 0);
}

void helper_x87_fld_reg(CPUX86State *env, uint32_t i)
{
    if (x87_empty(env, i)) {
        if (!x87_underflow(env)) {
            x87_push(env, x87_indefinite);
        }
    } else {
        x87_load(env, ST(i), 0);
    }
}

/* fld1 to fldz. The constants are kept longer than a register and rounded as the control word says. */
void helper_x87_fld_constant(CPUX86State *env, uint32_t which)
{
    static const struct {
        floatx80 nearest;
        signed char off;    /* 1: was rounded up; -1: down; 0: is exact */
    } constants[7] = {
        { { 0x8000000000000000ULL, 0x3fff }, 0 },
        { { 0xd49a784bcd1b8afeULL, 0x4000 }, -1 },
        { { 0xb8aa3b295c17f0bcULL, 0x3fff }, 1 },
        { { 0xc90fdaa22168c235ULL, 0x4000 }, 1 },
        { { 0x9a209a84fbcff799ULL, 0x3ffd }, 1 },
        { { 0xb17217f7d1cf79acULL, 0x3ffe }, 1 },
        { { 0, 0 }, 0 },
    };
    floatx80 value = constants[which].nearest;
    int off = constants[which].off;
    int mode = get_float_rounding_mode(&env->fp_status);

    if (off == 1 && (mode == float_round_down || mode == float_round_to_zero)) {
        value.low--;
    } else if (off == -1 && mode == float_round_up) {
        value.low++;
    }
    x87_load(env, value, 0);
}

void helper_x87_fbld(CPUX86State *env, target_ulong ptr)
{
    uintptr_t ra = GETPC();
    uint64_t low, value = 0;
    unsigned high;
    floatx80 r;
    int i;

    probe_range(env, ptr, 10, MMU_DATA_LOAD, ra);
    r = x87_read(env, ptr, ra);
    low = r.low;
    high = r.high;
    for (i = 1; i >= 0; i--) {
        value = value * 10 + (high >> 4 * i & 15);
    }
    for (i = 15; i >= 0; i--) {
        value = value * 10 + (low >> 4 * i & 15);
    }
    x87_load(env, x87_signed(int64_to_floatx80(value, &env->fp_status), high >> 15), 0);
}

/* ---- stores ---- */

/* An integer no larger than `limit` in magnitude, or a larger one if it is negative by one. Sets `flags`. */
static int64_t x87_to_integer(CPUX86State *env, floatx80 a, int64_t limit, bool asymmetric, bool chop,
                              unsigned *flags)
{
    float_status status = env->fp_status;
    int64_t r, t;

    if (x87_is_unsupported(a) || x87_exp(a) == 0x7fff) {
        *flags = FPUS_IE;
        return 0;
    }
    set_float_exception_flags(0, &status);
    t = floatx80_to_int64_round_to_zero(a, &status);
    r = t;
    if (!chop) {
        set_float_exception_flags(0, &status);
        r = floatx80_to_int64(a, &status);
    }
    *flags = x87_from_soft(get_float_exception_flags(&status));
    if (r > limit || r < -limit - asymmetric) {
        *flags = FPUS_IE;
    } else if (!(*flags & FPUS_IE) && r != t) {
        *flags |= X87_C1;
    }
    return r;
}

static uint64_t x87_to_real(CPUX86State *env, floatx80 a, bool wide, unsigned *flags)
{
    float_status status = env->fp_status;
    uint64_t r, t, magnitude, hidden = wide ? 1ULL << 52 : 1 << 23;

    *flags = 0;
    if (x87_is_unsupported(a)) {
        *flags = FPUS_IE;
        a = x87_indefinite;
    } else if (x87_is_signaling(a)) {
        *flags = FPUS_IE;
        a = x87_quiet(a);
    }
    if (x87_is_nan(a)) {
        return wide ? (uint64_t)x87_negative(a) << 63 | 0x7ffULL << 52 | (a.low << 1 >> 12)
                    : (uint64_t)x87_negative(a) << 31 | 0xff << 23 | (a.low << 1 >> 41);
    }
    set_float_exception_flags(0, &status);
    r = wide ? floatx80_to_float64(a, &status) : floatx80_to_float32(a, &status);
    *flags = x87_from_soft(get_float_exception_flags(&status));
    magnitude = r & ((wide ? 1ULL << 63 : 1ULL << 31) - 1);
    if (x87_unmasked(env, FPUS_UE) && magnitude != 0 && magnitude < hidden) {
        *flags |= FPUS_UE;
    }
    if (*flags & FPUS_PE) {
        set_float_rounding_mode(float_round_to_zero, &status);
        t = wide ? floatx80_to_float64(a, &status) : floatx80_to_float32(a, &status);
        /* What differs was rounded away from zero: the magnitudes of numbers are in the order of their bits. */
        *flags |= r != t ? X87_C1 : 0;
    }
    return r;
}

/* `value` as a packed decimal number of 18 digits. */
static floatx80 x87_to_bcd(int64_t value, bool negative)
{
    uint64_t rest = value < 0 ? -value : value;
    floatx80 r = { 0, negative << 15 };
    int i;

    for (i = 0; i < 16; i++, rest /= 10) {
        r.low |= rest % 10 << 4 * i;
    }
    r.high |= rest % 10 | rest / 10 << 4;
    return r;
}

/* All stores of a number to memory. */
void helper_x87_store(CPUX86State *env, target_ulong ptr, uint32_t how)
{
    static const uint8_t sizes[] = { 4, 8, 10, 2, 4, 8, 10 };
    static const int64_t limits[] = {
        [X87_TO_I16] = INT16_MAX, [X87_TO_I32] = INT32_MAX, [X87_TO_I64] = INT64_MAX,
        [X87_TO_BCD] = 999999999999999999,
    };
    static const uint64_t indefinites[] = {
        [X87_TO_F32] = 0xffc00000, [X87_TO_F64] = 0xfff8000000000000ULL,
        [X87_TO_I16] = 0x8000, [X87_TO_I32] = 0x80000000, [X87_TO_I64] = 1ULL << 63,
    };
    uintptr_t ra = GETPC();
    int to = how & 7;
    bool stores, empty = x87_empty(env, 0);
    unsigned flags = 0, wanted;
    uint64_t bits = 0;
    floatx80 wide = ST0;

    if (empty) {
        flags = X87_STACK;
    } else if (to <= X87_TO_F64) {
        bits = x87_to_real(env, ST0, to == X87_TO_F64, &flags);
    } else if (to >= X87_TO_I16) {
        bits = x87_to_integer(env, ST0, limits[to], to != X87_TO_BCD, how & X87_CHOP, &flags);
        wide = x87_to_bcd(bits, x87_negative(ST0));
    }
    if (empty || (flags & FPUS_IE && to >= X87_TO_I16)) {
        bits = indefinites[to == X87_TO_F80 || to == X87_TO_BCD ? 0 : to];
        wide = x87_indefinite;
    }
    if (x87_unmasked(env, flags) & (FPUS_OE | FPUS_UE)) {
        /* It is not rounded. */
        flags &= FPUS_OE | FPUS_UE;
    }
    wanted = flags & ~X87_C1;
    probe_range(env, ptr, sizes[to], MMU_DATA_STORE, ra);
    /* Nothing is stored if the exception is one of those that come before the result is known, or if the result
       does not fit the memory. */
    stores = !(x87_unmasked(env, wanted) & ~FPUS_PE);
    if (stores) {
        switch (sizes[to]) {
        case 2:
            cpu_stw_data_ra(env, (uint32_t)ptr, bits, ra);
            break;
        case 4:
            cpu_stl_data_ra(env, (uint32_t)ptr, bits, ra);
            break;
        case 8:
            cpu_stq_data_ra(env, (uint32_t)ptr, bits, ra);
            break;
        default:
            x87_write(env, ptr, wide, ra);
        }
    }
    x87_conditions(env, X87_C1, flags & X87_C1);
    x87_raise(env, wanted);
    if (stores && how & X87_POP) {
        x87_pop(env);
    }
}

/* ---- registers ---- */

/* fst to a register: with 8, a pop; with 16, the one of fstp's other opcodes that does not mind an empty ST(0). */
void helper_x87_fst_reg(CPUX86State *env, uint32_t how)
{
    floatx80 value = ST0;

    if (x87_empty(env, 0)) {
        if (how & 16) {
            x87_conditions(env, X87_C1, 0);
            x87_pop(env);
            return;
        }
        if (x87_underflow(env)) {
            return;
        }
        value = x87_indefinite;
    }
    x87_conditions(env, X87_C1, 0);
    x87_put(env, how & 7, value);
    if (how & 8) {
        x87_pop(env);
    }
}

void helper_x87_fxch(CPUX86State *env, uint32_t i)
{
    floatx80 a = ST0, b = ST(i);

    if (x87_empty(env, 0) || x87_empty(env, i)) {
        if (x87_underflow(env)) {
            return;
        }
        a = x87_empty(env, 0) ? x87_indefinite : a;
        b = x87_empty(env, i) ? x87_indefinite : b;
    }
    x87_conditions(env, X87_C1, 0);
    x87_put(env, i, a);
    x87_put(env, 0, b);
}

void helper_x87_fcmov(CPUX86State *env, uint32_t i, uint32_t holds)
{
    if (x87_empty(env, 0) || x87_empty(env, i)) {
        if (!x87_underflow(env)) {
            x87_put(env, 0, x87_indefinite);
        }
        return;
    }
    if (holds) {
        ST0 = ST(i);
    }
}

/* ffree, of 8 or more with a pop. */
void helper_x87_ffree(CPUX86State *env, uint32_t how)
{
    x87_conditions(env, X87_C1, 0);
    env->fptags[(env->fpstt + how) & 7] = 1;
    if (how & 8) {
        x87_pop(env);
    }
}

/* ---- functions of ST(0), and of ST(0) and ST(1) ---- */

#include "x87_functions.h"

/* ---- control ---- */

uint32_t helper_fnstsw(CPUX86State *env)
{
    return x87_status(env);
}

uint32_t helper_fnstcw(CPUX86State *env)
{
    return env->fpuc;
}

void helper_fldcw(CPUX86State *env, uint32_t value)
{
    x87_control(env, value);
}

void helper_fclex(CPUX86State *env)
{
    env->fpus &= ~(FPUS_B | FPUS_SE | FPUS_SF | FPUC_EM);
}

/* The exception that an earlier instruction left. Each instruction that waits asks first. */
void helper_fwait(CPUX86State *env)
{
    if (unlikely(env->fpus & FPUS_SE) && env->cr[0] & CR0_NE_MASK) {
        raise_exception_ra(env, EXCP10_COPR, GETPC());
    }
}

static void do_fninit(CPUX86State *env)
{
    env->fpus = 0;
    env->fpstt = 0;
    env->fpcs = env->fpds = 0;
    env->fpip = env->fpdp = 0;
    memset(env->fptags, 1, sizeof(env->fptags));
    cpu_set_fpuc(env, 0x37f);
}

void helper_fninit(CPUX86State *env)
{
    do_fninit(env);
}

/* The tag word in full: valid, zero, special, empty. */
static unsigned x87_tags(CPUX86State *env)
{
    unsigned i, tag, tags = 0;

    for (i = 0; i < 8; i++) {
        floatx80 a = env->fpregs[i].d;

        if (env->fptags[i]) {
            tag = 3;
        } else if (x87_is_zero(a)) {
            tag = 1;
        } else {
            tag = x87_exp(a) == 0 || x87_exp(a) == 0x7fff || x87_is_unsupported(a) ? 2 : 0;
        }
        tags |= tag << 2 * i;
    }
    return tags;
}

static void x87_store_environment(CPUX86State *env, target_ulong ptr, int data32, uintptr_t ra)
{
    uint32_t words[7] = {
        env->fpuc, x87_status(env), x87_tags(env), env->fpip, env->fpcs, env->fpdp, env->fpds,
    };
    int i;

    for (i = 0; i < 7; i++) {
        if (data32) {
            /* The upper half of a word that is none is ones, but for the selector of the instruction, which
               has the opcode there. */
            uint32_t upper = i < 3 || i == 6 ? 0xffff0000 : 0;

            cpu_stl_data_ra(env, (uint32_t)(ptr + 4 * i), words[i] | upper, ra);
        } else {
            cpu_stw_data_ra(env, (uint32_t)(ptr + 2 * i), words[i], ra);
        }
    }
}

void helper_fstenv(CPUX86State *env, target_ulong ptr, int data32)
{
    uintptr_t ra = GETPC();

    probe_range(env, ptr, 14 << data32, MMU_DATA_STORE, ra);
    x87_store_environment(env, ptr, data32, ra);
    cpu_set_fpuc(env, env->fpuc | FPUC_EM);
    x87_summary(env);
}

void helper_fsave(CPUX86State *env, target_ulong ptr, int data32)
{
    uintptr_t ra = GETPC();
    unsigned head = 14 << data32;
    int i;

    probe_range(env, ptr, head + 80, MMU_DATA_STORE, ra);
    x87_store_environment(env, ptr, data32, ra);
    for (i = 0; i < 8; i++) {
        x87_write(env, ptr + head + 10 * i, ST(i), ra);
    }
    do_fninit(env);
}

static void x87_set_status(CPUX86State *env, unsigned status)
{
    env->fpstt = status >> 11 & 7;
    env->fpus = status & ~0x3800;
    x87_summary(env);
    if (!(env->fpus & FPUS_SE)) {
        cpu_clear_ignne(env);
    }
}

static void x87_load_environment(CPUX86State *env, target_ulong ptr, int data32, uintptr_t ra)
{
    uint32_t words[7];
    int i;

    for (i = 0; i < 7; i++) {
        words[i] = data32 ? cpu_ldl_data_ra(env, (uint32_t)(ptr + 4 * i), ra)
                          : cpu_lduw_data_ra(env, (uint32_t)(ptr + 2 * i), ra);
    }
    x87_control(env, words[0]);
    x87_set_status(env, words[1]);
    for (i = 0; i < 8; i++) {
        env->fptags[i] = (words[2] >> 2 * i & 3) == 3;
    }
    env->fpip = words[3];
    env->fpcs = words[4];
    env->fpdp = words[5];
    env->fpds = words[6];
}

void helper_fldenv(CPUX86State *env, target_ulong ptr, int data32)
{
    probe_range(env, ptr, 14 << data32, MMU_DATA_LOAD, GETPC());
    x87_load_environment(env, ptr, data32, GETPC());
}

void helper_frstor(CPUX86State *env, target_ulong ptr, int data32)
{
    uintptr_t ra = GETPC();
    unsigned head = 14 << data32;
    int i;

    probe_range(env, ptr, head + 80, MMU_DATA_LOAD, ra);
    x87_load_environment(env, ptr, data32, ra);
    for (i = 0; i < 8; i++) {
        ST(i) = x87_read(env, ptr + head + 10 * i, ra);
    }
}
