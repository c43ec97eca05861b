/* Guest work, counted in the code that is generated for each block. */

/* If block `tb` was not begun since no work is left, takes note of it and has the emulator stop before it. */
static inline bool out_of_work(CPUState *cpu, TranslationBlock *tb)
{
    CPUX86State *env = cpu->env_ptr;

    if (env->work.left >= 0) {
        return false;
    }
    env->work.left++;
    env->work.refused_start = tb->pc;
    env->work.refused_length = tb->size;
    env->eip = tb->pc - tb->cs_base;
    cpu->exit_request = 1;
    cpu->uc->stop_request = true;
    return true;
}

/* A block of which not one instruction was executed, since the first one faulted, will begin again. */
static inline void forget_block_at_fault(CPUState *cpu, uintptr_t retaddr)
{
    CPUX86State *env = cpu->env_ptr;
    TranslationBlock *tb = retaddr ? tcg_tb_lookup(cpu->uc->tcg_ctx, retaddr) : NULL;

    if (tb && env->eip + tb->cs_base == tb->pc) {
        env->work.left++;
    }
}
