/* What SSE and MMX instructions have in common: MXCSR, aligned operands, the x87 stack under MMX. */

#define SSE_DAZ 0x0040
#define SSE_FZ 0x8000
/* What may be set in MXCSR. */
#define MXCSR_BITS 0xffff

/* DAZ and FZ are seen to by sse_float.h: softfloat finds tiny results before it rounds them. */
void update_mxcsr_status(CPUX86State *env)
{
    static const signed char rounding[4] = {
        float_round_nearest_even, float_round_down, float_round_up, float_round_to_zero,
    };

    set_float_rounding_mode(rounding[env->mxcsr >> 13 & 3], &env->sse_status);
}

static void sse_set_mxcsr(CPUX86State *env, uint32_t value, uintptr_t ra)
{
    if (value & ~MXCSR_BITS) {
        raise_exception_err_ra(env, EXCP0D_GPF, 0, ra);
    }
    cpu_set_mxcsr(env, value);
}

void helper_ldmxcsr(CPUX86State *env, uint32_t value)
{
    sse_set_mxcsr(env, value, GETPC());
}

static inline void sse_aligned(CPUX86State *env, target_ulong ptr, uintptr_t ra)
{
    if (unlikely(ptr & 15)) {
        raise_exception_err_ra(env, EXCP0D_GPF, 0, ra);
    }
}

/* An operand of sixteen bytes that must be aligned, before it is accessed. */
void helper_sse_aligned(CPUX86State *env, target_ulong ptr)
{
    sse_aligned(env, ptr, GETPC());
}

/* After an MMX instruction: all registers are in use, and the one that was written (8: none) is a NaN to the
   x87 (SDM vol. 1, 9.5). */
void helper_enter_mmx(CPUX86State *env, uint32_t written)
{
    env->fpstt = 0;
    memset(env->fptags, 0, sizeof(env->fptags));
    if (written < 8) {
        env->fpregs[written].d.high = 0xffff;
    }
}

void helper_emms(CPUX86State *env)
{
    env->fpstt = 0;
    memset(env->fptags, 1, sizeof(env->fptags));
}

/* The bytes that `mask` selects are stored, if all may be. */
static void sse_store_selected(CPUX86State *env, target_ulong ptr, const uint8_t *bytes, unsigned mask,
                               uintptr_t ra)
{
    unsigned first_page = TARGET_PAGE_SIZE - (ptr & ~TARGET_PAGE_MASK);
    unsigned later = first_page < 16 ? mask >> first_page << first_page : 0;
    int i;

    if (mask & ~later) {
        probe_range(env, ptr + ctz32(mask), 1, MMU_DATA_STORE, ra);
    }
    if (later) {
        probe_range(env, ptr + ctz32(later), 1, MMU_DATA_STORE, ra);
    }
    for (i = 0; i < 16; i++) {
        if (mask >> i & 1) {
            cpu_stb_data_ra(env, (uint32_t)(ptr + i), bytes[i], ra);
        }
    }
}
