/* fxsave and fxrstor (SDM vol. 1, 10.5): whole or not at all. */

#define FXSAVE_SIZE 512
/* All that is written of it: the last bytes are the program's own. */
#define FXSAVE_WRITTEN 416
#define FXSAVE_REGISTERS 32
#define FXSAVE_XMM 160

void helper_fxsave(CPUX86State *env, target_ulong ptr)
{
    uintptr_t ra = GETPC();
    bool sse = env->cr[4] & CR4_OSFXSR_MASK;
    uint64_t head[FXSAVE_REGISTERS / 8];
    unsigned tags = 0;
    int i;

    sse_aligned(env, ptr, ra);
    probe_range(env, ptr, FXSAVE_SIZE, MMU_DATA_STORE, ra);
    for (i = 0; i < 8; i++) {
        tags |= !env->fptags[i] << i;
    }
    head[0] = env->fpuc | (uint64_t)x87_status(env) << 16 | (uint64_t)tags << 32 | (uint64_t)env->fpop << 48;
    head[1] = (uint32_t)env->fpip | (uint64_t)env->fpcs << 32;
    head[2] = (uint32_t)env->fpdp | (uint64_t)env->fpds << 32;
    head[3] = env->mxcsr | (uint64_t)MXCSR_BITS << 32;
    for (i = 0; i < (sse ? 4 : 3); i++) {
        cpu_stq_data_ra(env, ptr + 8 * i, head[i], ra);
    }
    for (i = 0; i < 8; i++) {
        cpu_stq_data_ra(env, ptr + FXSAVE_REGISTERS + 16 * i, ST(i).low, ra);
        cpu_stq_data_ra(env, ptr + FXSAVE_REGISTERS + 16 * i + 8, ST(i).high, ra);
    }
    for (i = 0; sse && i < 8; i++) {
        cpu_stq_data_ra(env, ptr + FXSAVE_XMM + 16 * i, env->xmm_regs[i].ZMM_Q(0), ra);
        cpu_stq_data_ra(env, ptr + FXSAVE_XMM + 16 * i + 8, env->xmm_regs[i].ZMM_Q(1), ra);
    }
}

void helper_fxrstor(CPUX86State *env, target_ulong ptr)
{
    uintptr_t ra = GETPC();
    bool sse = env->cr[4] & CR4_OSFXSR_MASK;
    uint64_t area[FXSAVE_WRITTEN / 8];
    int i;

    sse_aligned(env, ptr, ra);
    probe_range(env, ptr, FXSAVE_SIZE, MMU_DATA_LOAD, ra);
    for (i = 0; i < FXSAVE_WRITTEN / 8; i++) {
        area[i] = cpu_ldq_data_ra(env, ptr + 8 * i, ra);
    }
    if (sse) {
        sse_set_mxcsr(env, area[3], ra);
    }
    x87_control(env, area[0]);
    x87_set_status(env, area[0] >> 16 & 0xffff);
    env->fpop = area[0] >> 48 & 0x7ff;
    env->fpip = (uint32_t)area[1];
    env->fpcs = area[1] >> 32;
    env->fpdp = (uint32_t)area[2];
    env->fpds = area[2] >> 32;
    for (i = 0; i < 8; i++) {
        env->fptags[i] = !(area[0] >> 32 >> i & 1);
        ST(i).low = area[(FXSAVE_REGISTERS + 16 * i) / 8];
        ST(i).high = area[(FXSAVE_REGISTERS + 16 * i) / 8 + 1];
    }
    for (i = 0; sse && i < 8; i++) {
        env->xmm_regs[i].ZMM_Q(0) = area[(FXSAVE_XMM + 16 * i) / 8];
        env->xmm_regs[i].ZMM_Q(1) = area[(FXSAVE_XMM + 16 * i) / 8 + 1];
    }
}
