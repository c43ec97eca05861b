/* SSE's arithmetic: each instruction computes all its elements and finds all its exceptions, then either raises
 * #XM with nothing changed or stores the result (SDM vol. 1, 11.5).
 *
 * Operands that are NaNs or denormal are dealt with here and not by softfloat, whose rules are the x87's. */

#define SSE_IE 0x01
#define SSE_DE 0x02
#define SSE_ZE 0x04
#define SSE_OE 0x08
#define SSE_UE 0x10
#define SSE_PE 0x20
#define SSE_VECTOR 19
#define SSE_UM (SSE_UE << 7)
#define SSE_PM (SSE_PE << 7)

/* Ends an instruction that found `flags`. Exceptions that need no result keep the others from being looked for. */
static void sse_finish(CPUX86State *env, unsigned flags, uintptr_t ra)
{
    unsigned unmasked = flags & ~(env->mxcsr >> 7);

    if (likely(!(flags & ~env->mxcsr) && !unmasked)) {
        return;
    }
    if (unmasked & (SSE_IE | SSE_DE | SSE_ZE)) {
        flags &= SSE_IE | SSE_DE | SSE_ZE;
    }
    env->mxcsr |= flags;
    if (unmasked) {
        raise_exception_ra(env, env->cr[4] & CR4_OSXMMEXCPT_MASK ? SSE_VECTOR : EXCP06_ILLOP, ra);
    }
}

/* Makes softfloat ready. Where an inexact result is no news it is told so from the start, which lets it compute on
   the host's own unit. */
static inline float_status *sse_start(CPUX86State *env)
{
    float_status *status = &env->sse_status;

    set_float_exception_flags((env->mxcsr & (SSE_PM | SSE_PE)) == (SSE_PM | SSE_PE) ? float_flag_inexact : 0,
                              status);
    return status;
}

static inline unsigned sse_from_soft(unsigned flags)
{
    return (flags & float_flag_invalid ? SSE_IE : 0) | (flags & float_flag_divbyzero ? SSE_ZE : 0)
           | (flags & float_flag_overflow ? SSE_OE : 0) | (flags & float_flag_underflow ? SSE_UE : 0)
           | (flags & float_flag_inexact ? SSE_PE : 0);
}

/* Elements of `size` bits whose exponents have the bits EXP and whose fractions have the bits FRACTION. HALF of
   the way that exponents are moved in if they are out of range. */
#define SSE_ELEMENTS(size, EXP, FRACTION, HALF)                                                             \
                                                                                                           \
static inline bool sse_nan##size(float##size a)                                                            \
{                                                                                                          \
    return (a & (EXP | FRACTION)) > EXP;                                                                   \
}                                                                                                          \
                                                                                                           \
static inline bool sse_signaling##size(float##size a)                                                      \
{                                                                                                          \
    return sse_nan##size(a) && !(a & (FRACTION + 1) / 2);                                                  \
}                                                                                                          \
                                                                                                           \
static inline float##size sse_quiet##size(float##size a)                                                   \
{                                                                                                          \
    return a | (FRACTION + 1) / 2;                                                                         \
}                                                                                                          \
                                                                                                           \
static inline bool sse_denormal##size(float##size a)                                                       \
{                                                                                                          \
    return !(a & EXP) && a & FRACTION;                                                                     \
}                                                                                                          \
                                                                                                           \
/* A denormal operand is DE, or a zero. */                                                                 \
static inline unsigned sse_operand##size(CPUX86State *env, float##size *a)                                 \
{                                                                                                          \
    if (likely(!sse_denormal##size(*a))) {                                                                 \
        return 0;                                                                                          \
    }                                                                                                      \
    if (env->mxcsr & SSE_DAZ) {                                                                            \
        *a &= ~FRACTION;                                                                                   \
        return 0;                                                                                          \
    }                                                                                                      \
    return SSE_DE;                                                                                         \
}                                                                                                          \
                                                                                                           \
/* A result and what softfloat says of it. A tiny one is an underflow if that is not masked, exact or not, and     \
   is made zero if it is and FZ is set. */                                                                 \
static float##size sse_result##size(CPUX86State *env, float##size r, unsigned soft, unsigned *flags)       \
{                                                                                                          \
    *flags |= sse_from_soft(soft);                                                                         \
    if (unlikely(soft & float_flag_underflow || sse_denormal##size(r))) {                                  \
        if (!(env->mxcsr & SSE_UM)) {                                                                      \
            *flags |= SSE_UE;                                                                              \
        } else if (env->mxcsr & SSE_FZ) {                                                                  \
            *flags |= SSE_UE | SSE_PE;                                                                     \
            r &= ~(EXP | FRACTION);                                                                        \
        }                                                                                                  \
    }                                                                                                      \
    return r;                                                                                              \
}                                                                                                          \
                                                                                                           \
static inline float##size sse_pick_nan##size(float##size a, float##size b, unsigned *flags)                \
{                                                                                                          \
    if (sse_signaling##size(a) || sse_signaling##size(b)) {                                                \
        *flags |= SSE_IE;                                                                                  \
    }                                                                                                      \
    return sse_quiet##size(sse_nan##size(a) ? a : b);                                                      \
}                                                                                                          \
                                                                                                           \
SSE_ARITHMETIC(size, add, 2, 2)                                                                            \
SSE_ARITHMETIC(size, sub, 2, 2)                                                                            \
SSE_ARITHMETIC(size, mul, HALF, HALF)                                                                      \
SSE_ARITHMETIC(size, div, HALF, -(HALF))                                                                   \
                                                                                                           \
static inline float##size sse_sqrt##size(CPUX86State *env, float##size a, float##size b, unsigned *flags)  \
{                                                                                                          \
    float_status *status;                                                                                  \
    unsigned denormal;                                                                                     \
                                                                                                           \
    if (unlikely(sse_nan##size(b))) {                                                                      \
        return sse_pick_nan##size(b, b, flags);                                                            \
    }                                                                                                      \
    denormal = sse_operand##size(env, &b);                                                                 \
    status = sse_start(env);                                                                               \
    b = float##size##_sqrt(b, status);                                                                     \
    if (get_float_exception_flags(status) & float_flag_invalid) {                                          \
        denormal = 0;                                                                                      \
    }                                                                                                      \
    *flags |= denormal;                                                                                    \
    return sse_result##size(env, b, get_float_exception_flags(status), flags);                             \
}                                                                                                          \
                                                                                                           \
/* Less, equal, greater, unordered: -1, 0, 1, 2. */                                                        \
static inline int sse_relation##size(CPUX86State *env, float##size a, float##size b, bool quiet,           \
                                     unsigned *flags)                                                      \
{                                                                                                          \
    if (unlikely(sse_nan##size(a) || sse_nan##size(b))) {                                                  \
        if (!quiet || sse_signaling##size(a) || sse_signaling##size(b)) {                                  \
            *flags |= SSE_IE;                                                                              \
        }                                                                                                  \
        return 2;                                                                                          \
    }                                                                                                      \
    *flags |= sse_operand##size(env, &a) | sse_operand##size(env, &b);                                     \
    return float##size##_compare_quiet(a, b, &env->sse_status);                                            \
}                                                                                                          \
                                                                                                           \
/* Unless the first operand is less (greater), the second is the result: with NaNs, and with two zeros. */ \
static inline float##size sse_min##size(CPUX86State *env, float##size a, float##size b, unsigned *flags)   \
{                                                                                                          \
    int relation = sse_relation##size(env, a, b, false, flags);                                            \
                                                                                                           \
    a = relation == -1 ? a : b;                                                                            \
    sse_operand##size(env, &a);                                                                            \
    return a;                                                                                              \
}                                                                                                          \
                                                                                                           \
static inline float##size sse_max##size(CPUX86State *env, float##size a, float##size b, unsigned *flags)   \
{                                                                                                          \
    int relation = sse_relation##size(env, a, b, false, flags);                                            \
                                                                                                           \
    a = relation == 1 ? a : b;                                                                             \
    sse_operand##size(env, &a);                                                                            \
    return a;                                                                                              \
}                                                                                                          \
                                                                                                           \
static inline int32_t sse_integer##size(CPUX86State *env, float##size a, bool chop, unsigned *flags)       \
{                                                                                                          \
    float_status *status = &env->sse_status;                                                               \
    int32_t r;                                                                                             \
                                                                                                           \
    sse_operand##size(env, &a);                                                                            \
    set_float_exception_flags(0, status);                                                                  \
    r = chop ? float##size##_to_int32_round_to_zero(a, status) : float##size##_to_int32(a, status);        \
    if (get_float_exception_flags(status) & float_flag_invalid) {                                          \
        *flags |= SSE_IE;                                                                                  \
        return INT32_MIN;                                                                                  \
    }                                                                                                      \
    *flags |= sse_from_soft(get_float_exception_flags(status));                                            \
    return r;                                                                                              \
}

/* An overflow or underflow that is not masked is inexact only if the result is so with an exponent that has room:
   the operands are moved by powers of two, `by_a` and `by_b`, into the range. */
#define SSE_ARITHMETIC(size, op, by_a, by_b)                                                               \
static unsigned sse_moved_##op##size(CPUX86State *env, float##size a, float##size b, unsigned flags)       \
{                                                                                                          \
    float_status exact = { 0 }, status = { .float_rounding_mode = env->sse_status.float_rounding_mode };   \
    int up = flags & SSE_UE ? 1 : -1;                                                                      \
                                                                                                           \
    float##size##_##op(float##size##_scalbn(a, up * (by_a), &exact),                                       \
                       float##size##_scalbn(b, up * (by_b), &exact), &status);                             \
    return (flags & ~SSE_PE) | (get_float_exception_flags(&status) & float_flag_inexact ? SSE_PE : 0);     \
}                                                                                                          \
                                                                                                           \
static inline float##size sse_##op##size(CPUX86State *env, float##size a, float##size b, unsigned *flags)  \
{                                                                                                          \
    float_status *status;                                                                                  \
    float##size r;                                                                                         \
    unsigned denormal, found = 0;                                                                          \
                                                                                                           \
    if (unlikely(sse_nan##size(a) || sse_nan##size(b))) {                                                  \
        return sse_pick_nan##size(a, b, flags);                                                            \
    }                                                                                                      \
    denormal = sse_operand##size(env, &a) | sse_operand##size(env, &b);                                    \
    status = sse_start(env);                                                                               \
    r = float##size##_##op(a, b, status);                                                                  \
    if (unlikely(get_float_exception_flags(status) & (float_flag_invalid | float_flag_divbyzero))) {       \
        *flags |= sse_from_soft(get_float_exception_flags(status) & ~float_flag_inexact);                  \
        return r;                                                                                          \
    }                                                                                                      \
    r = sse_result##size(env, r, get_float_exception_flags(status), &found);                               \
    if (unlikely(found & ~(env->mxcsr >> 7) & (SSE_OE | SSE_UE))) {                                        \
        found = sse_moved_##op##size(env, a, b, found);                                                    \
    }                                                                                                      \
    *flags |= found | denormal;                                                                            \
    return r;                                                                                              \
}

SSE_ELEMENTS(32, 0x7f800000u, 0x7fffffu, 96)
SSE_ELEMENTS(64, 0x7ff0000000000000ULL, 0xfffffffffffffULL, 768)

static float64 sse_widen(CPUX86State *env, float32 a, unsigned *flags)
{
    float_status *status = sse_start(env);

    if (!sse_nan32(a)) {
        *flags |= sse_operand32(env, &a);
    }
    a = sse_signaling32(a) ? (*flags |= SSE_IE, sse_quiet32(a)) : a;
    return float32_to_float64(a, status);
}

static float32 sse_narrow(CPUX86State *env, float64 a, unsigned *flags)
{
    float_status *status;
    unsigned found = 0;
    float32 r;

    if (!sse_nan64(a)) {
        *flags |= sse_operand64(env, &a);
    }
    a = sse_signaling64(a) ? (*flags |= SSE_IE, sse_quiet64(a)) : a;
    status = sse_start(env);
    r = float64_to_float32(a, status);
    r = sse_result32(env, r, get_float_exception_flags(status), &found);
    if (found & ~(env->mxcsr >> 7) & (SSE_OE | SSE_UE)) {
        /* Inexact if the fraction alone does not fit. */
        float_status moved = { .float_rounding_mode = status->float_rounding_mode };

        a = float64_scalbn(a, found & SSE_UE ? 64 : 0, &moved);
        float64_to_float32((a & ~0x7ff0000000000000ULL) | 0x3ff0000000000000ULL, &moved);
        found &= ~SSE_PE;
        found |= get_float_exception_flags(&moved) & float_flag_inexact ? SSE_PE : 0;
    }
    *flags |= found;
    return r;
}

/* An instruction whose `count` elements are each made by `value`, which may use `i`. Elements beyond stay. */
#define SSE_HELPER(name, Element, count, value)                                                            \
void helper_##name(CPUX86State *env, ZMMReg *d, ZMMReg *s)                                                 \
{                                                                                                          \
    ZMMReg r;                                                                                              \
    unsigned flags = 0;                                                                                    \
    int i;                                                                                                 \
                                                                                                           \
    for (i = 0; i < count; i++) {                                                                          \
        r.Element(i) = value;                                                                              \
    }                                                                                                      \
    sse_finish(env, flags, GETPC());                                                                       \
    for (i = 0; i < count; i++) {                                                                          \
        d->Element(i) = r.Element(i);                                                                      \
    }                                                                                                      \
}

#define SSE_BINARY(name)                                                                                   \
SSE_HELPER(name##ps, ZMM_S, 4, sse_##name##32(env, d->ZMM_S(i), s->ZMM_S(i), &flags))                      \
SSE_HELPER(name##ss, ZMM_S, 1, sse_##name##32(env, d->ZMM_S(i), s->ZMM_S(i), &flags))                      \
SSE_HELPER(name##pd, ZMM_D, 2, sse_##name##64(env, d->ZMM_D(i), s->ZMM_D(i), &flags))                      \
SSE_HELPER(name##sd, ZMM_D, 1, sse_##name##64(env, d->ZMM_D(i), s->ZMM_D(i), &flags))

SSE_BINARY(add)
SSE_BINARY(sub)
SSE_BINARY(mul)
SSE_BINARY(div)
SSE_BINARY(min)
SSE_BINARY(max)
SSE_BINARY(sqrt)

#define SSE_COMPARE(name, quiet, holds)                                                                    \
static inline bool sse_##name(int relation)                                                                \
{                                                                                                          \
    return holds;                                                                                          \
}                                                                                                          \
SSE_HELPER(name##ps, ZMM_L, 4, -sse_##name(sse_relation32(env, d->ZMM_S(i), s->ZMM_S(i), quiet, &flags)))  \
SSE_HELPER(name##ss, ZMM_L, 1, -sse_##name(sse_relation32(env, d->ZMM_S(i), s->ZMM_S(i), quiet, &flags)))  \
SSE_HELPER(name##pd, ZMM_Q, 2,                                                                             \
           -(int64_t)sse_##name(sse_relation64(env, d->ZMM_D(i), s->ZMM_D(i), quiet, &flags)))             \
SSE_HELPER(name##sd, ZMM_Q, 1,                                                                             \
           -(int64_t)sse_##name(sse_relation64(env, d->ZMM_D(i), s->ZMM_D(i), quiet, &flags)))

SSE_COMPARE(cmpeq, true, relation == 0)
SSE_COMPARE(cmplt, false, relation == -1)
SSE_COMPARE(cmple, false, relation <= 0)
SSE_COMPARE(cmpunord, true, relation == 2)
SSE_COMPARE(cmpneq, true, relation != 0)
SSE_COMPARE(cmpnlt, false, relation != -1)
SSE_COMPARE(cmpnle, false, relation > 0)
SSE_COMPARE(cmpord, true, relation != 2)

#define SSE_COMPARE_FLAGS(name, size, Element, quiet)                                                      \
void helper_##name(CPUX86State *env, ZMMReg *d, ZMMReg *s)                                                 \
{                                                                                                          \
    static const uint8_t eflags[4] = { CC_C, CC_Z, 0, CC_Z | CC_P | CC_C };                                \
    unsigned flags = 0;                                                                                    \
    int relation = sse_relation##size(env, d->Element(0), s->Element(0), quiet, &flags);                   \
                                                                                                           \
    sse_finish(env, flags, GETPC());                                                                       \
    CC_SRC = eflags[relation + 1];                                                                         \
}

SSE_COMPARE_FLAGS(ucomiss, 32, ZMM_S, true)
SSE_COMPARE_FLAGS(comiss, 32, ZMM_S, false)
SSE_COMPARE_FLAGS(ucomisd, 64, ZMM_D, true)
SSE_COMPARE_FLAGS(comisd, 64, ZMM_D, false)

/* Between formats. */
SSE_HELPER(cvtps2pd, ZMM_D, 2, sse_widen(env, s->ZMM_S(i), &flags))
SSE_HELPER(cvtss2sd, ZMM_D, 1, sse_widen(env, s->ZMM_S(i), &flags))
SSE_HELPER(cvtpd2ps, ZMM_S, 4, i < 2 ? sse_narrow(env, s->ZMM_D(i), &flags) : 0)
SSE_HELPER(cvtsd2ss, ZMM_S, 1, sse_narrow(env, s->ZMM_D(i), &flags))

static float32 sse_from_int32(CPUX86State *env, int32_t value, unsigned *flags)
{
    float_status *status = sse_start(env);
    float32 r = int32_to_float32(value, status);

    *flags |= sse_from_soft(get_float_exception_flags(status));
    return r;
}

static float64 sse_from_int64(CPUX86State *env, int32_t value)
{
    return int32_to_float64(value, &env->sse_status);
}

SSE_HELPER(cvtdq2ps, ZMM_S, 4, sse_from_int32(env, s->ZMM_L(i), &flags))
SSE_HELPER(cvtdq2pd, ZMM_D, 2, sse_from_int64(env, s->ZMM_L(i)))
SSE_HELPER(cvtps2dq, ZMM_L, 4, sse_integer32(env, s->ZMM_S(i), false, &flags))
SSE_HELPER(cvttps2dq, ZMM_L, 4, sse_integer32(env, s->ZMM_S(i), true, &flags))
SSE_HELPER(cvtpd2dq, ZMM_L, 4, i < 2 ? sse_integer64(env, s->ZMM_D(i), false, &flags) : 0)
SSE_HELPER(cvttpd2dq, ZMM_L, 4, i < 2 ? sse_integer64(env, s->ZMM_D(i), true, &flags) : 0)

void helper_cvtpi2ps(CPUX86State *env, ZMMReg *d, MMXReg *s)
{
    unsigned flags = 0;
    float32 low = sse_from_int32(env, s->MMX_L(0), &flags);
    float32 high = sse_from_int32(env, s->MMX_L(1), &flags);

    sse_finish(env, flags, GETPC());
    d->ZMM_S(0) = low;
    d->ZMM_S(1) = high;
}

void helper_cvtpi2pd(CPUX86State *env, ZMMReg *d, MMXReg *s)
{
    d->ZMM_D(0) = sse_from_int64(env, s->MMX_L(0));
    d->ZMM_D(1) = sse_from_int64(env, s->MMX_L(1));
}

void helper_cvtsi2ss(CPUX86State *env, ZMMReg *d, uint32_t value)
{
    unsigned flags = 0;
    float32 r = sse_from_int32(env, value, &flags);

    sse_finish(env, flags, GETPC());
    d->ZMM_S(0) = r;
}

void helper_cvtsi2sd(CPUX86State *env, ZMMReg *d, uint32_t value)
{
    d->ZMM_D(0) = sse_from_int64(env, value);
}

#define SSE_TO_MMX(name, size, Element, chop)                                                              \
void helper_##name(CPUX86State *env, MMXReg *d, ZMMReg *s)                                                 \
{                                                                                                          \
    unsigned flags = 0;                                                                                    \
    int32_t low = sse_integer##size(env, s->Element(0), chop, &flags);                                     \
    int32_t high = sse_integer##size(env, s->Element(1), chop, &flags);                                    \
                                                                                                           \
    sse_finish(env, flags, GETPC());                                                                       \
    d->MMX_L(0) = low;                                                                                     \
    d->MMX_L(1) = high;                                                                                    \
}

SSE_TO_MMX(cvtps2pi, 32, ZMM_S, false)
SSE_TO_MMX(cvttps2pi, 32, ZMM_S, true)
SSE_TO_MMX(cvtpd2pi, 64, ZMM_D, false)
SSE_TO_MMX(cvttpd2pi, 64, ZMM_D, true)

#define SSE_TO_INTEGER(name, size, Element, chop)                                                          \
int32_t helper_##name(CPUX86State *env, ZMMReg *s)                                                         \
{                                                                                                          \
    unsigned flags = 0;                                                                                    \
    int32_t r = sse_integer##size(env, s->Element(0), chop, &flags);                                       \
                                                                                                           \
    sse_finish(env, flags, GETPC());                                                                       \
    return r;                                                                                              \
}

SSE_TO_INTEGER(cvtss2si, 32, ZMM_S, false)
SSE_TO_INTEGER(cvttss2si, 32, ZMM_S, true)
SSE_TO_INTEGER(cvtsd2si, 64, ZMM_D, false)
SSE_TO_INTEGER(cvttsd2si, 64, ZMM_D, true)

#ifdef TARGET_X86_64
/* No code of ours runs in 64-bit mode. */
#define SSE_64(name)                                                                                       \
int64_t helper_##name(CPUX86State *env, ZMMReg *s)                                                         \
{                                                                                                          \
    raise_exception_ra(env, EXCP06_ILLOP, GETPC());                                                        \
}

SSE_64(cvtss2sq)
SSE_64(cvtsd2sq)
SSE_64(cvttss2sq)
SSE_64(cvttsd2sq)

#define SSE_FROM_64(name)                                                                                  \
void helper_##name(CPUX86State *env, ZMMReg *d, uint64_t value)                                            \
{                                                                                                          \
    raise_exception_ra(env, EXCP06_ILLOP, GETPC());                                                        \
}

SSE_FROM_64(cvtsq2ss)
SSE_FROM_64(cvtsq2sd)
#endif

/* Approximations know no exceptions, no rounding mode, and no denormal numbers (SDM vol. 2, RCPPS). */
static float32 sse_approximate(float32 a, bool root)
{
    float_status status = { .flush_to_zero = 1 };

    if (sse_nan32(a)) {
        return sse_quiet32(a);
    }
    if (sse_denormal32(a)) {
        a &= 1u << 31;
    }
    if (root) {
        a = float32_sqrt(a, &status);
        if (sse_nan32(a)) {
            return 0xffc00000;
        }
    }
    return float32_div(float32_one, a, &status);
}

#define SSE_APPROXIMATION(name, count, root)                                                               \
void helper_##name(CPUX86State *env, ZMMReg *d, ZMMReg *s)                                                 \
{                                                                                                          \
    int i;                                                                                                 \
                                                                                                           \
    for (i = 0; i < count; i++) {                                                                          \
        d->ZMM_S(i) = sse_approximate(s->ZMM_S(i), root);                                                  \
    }                                                                                                      \
}

SSE_APPROXIMATION(rcpps, 4, false)
SSE_APPROXIMATION(rcpss, 1, false)
SSE_APPROXIMATION(rsqrtps, 4, true)
SSE_APPROXIMATION(rsqrtss, 1, true)

/* SSE3's pairs. */
#define SSE_PAIRS(name, op)                                                                                \
SSE_HELPER(name##ps, ZMM_S, 4, sse_##op##32(env, (i < 2 ? d : s)->ZMM_S(i % 2 * 2),                        \
                                            (i < 2 ? d : s)->ZMM_S(i % 2 * 2 + 1), &flags))                \
SSE_HELPER(name##pd, ZMM_D, 2, sse_##op##64(env, (i ? s : d)->ZMM_D(0), (i ? s : d)->ZMM_D(1), &flags))

SSE_PAIRS(hadd, add)
SSE_PAIRS(hsub, sub)

SSE_HELPER(addsubps, ZMM_S, 4, (i % 2 ? sse_add32 : sse_sub32)(env, d->ZMM_S(i), s->ZMM_S(i), &flags))
SSE_HELPER(addsubpd, ZMM_D, 2, (i % 2 ? sse_add64 : sse_sub64)(env, d->ZMM_D(i), s->ZMM_D(i), &flags))
