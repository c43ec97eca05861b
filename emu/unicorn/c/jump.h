/* Jumps whose target is known when the program runs. */

#include "exec/tb-hash.h"

#define OF_CPU(field) (offsetof(ArchCPU, parent_obj.field) - offsetof(ArchCPU, env))

/* Where the block may be that begins at `pc`, among those that ran lately: offset in the table (tb-hash.h). */
static void gen_place_of_block(TCGContext *tcg_ctx, TCGv_i64 place, TCGv_i64 pc)
{
    const int shift = TARGET_PAGE_BITS - TB_JMP_PAGE_BITS;
    TCGv_i64 on_page = tcg_temp_new_i64(tcg_ctx);

    tcg_gen_shri_i64(tcg_ctx, place, pc, shift);
    tcg_gen_xor_i64(tcg_ctx, place, place, pc);
    tcg_gen_andi_i64(tcg_ctx, on_page, place, TB_JMP_ADDR_MASK);
    tcg_gen_shri_i64(tcg_ctx, place, place, shift);
    tcg_gen_andi_i64(tcg_ctx, place, place, TB_JMP_PAGE_MASK);
    tcg_gen_or_i64(tcg_ctx, place, place, on_page);
    tcg_gen_shli_i64(tcg_ctx, place, place, 3);
    tcg_temp_free_i64(tcg_ctx, on_page);
}

/* Ors to `differs` what a 32-bit field of block `tb` differs by from `value`, in the bits of `mask`. */
static void gen_differs(TCGContext *tcg_ctx, TCGv_i64 differs, TCGv_ptr tb, size_t field, uint32_t mask, uint32_t value)
{
    TCGv_i64 has = tcg_temp_new_i64(tcg_ctx);

    tcg_gen_ld32u_i64(tcg_ctx, has, tb, field);
    tcg_gen_andi_i64(tcg_ctx, has, has, mask);
    tcg_gen_xori_i64(tcg_ctx, has, has, value);
    tcg_gen_or_i64(tcg_ctx, differs, differs, has);
    tcg_temp_free_i64(tcg_ctx, has);
}

/* Ends a block with a jump to EIP. A block that ran lately is found without a call, by the comparison that
   tb_lookup__cpu_state makes; the flags are those of this block, as they are for a jump to a fixed place. */
static void gen_goto_eip(DisasContext *s)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
#if TCG_TARGET_HAS_goto_ptr && TARGET_LONG_BITS == 64 && UINTPTR_MAX == UINT64_MAX
    const uint32_t cflags = curr_cflags() | (uint32_t)s->uc->cpu->cluster_index << CF_CLUSTER_SHIFT;
    TCGv_i64 place, pc, differs, base;
    TCGv_ptr tb, at;
    TCGLabel *search;

    if (s->flags != s->base.tb->flags) {
        tcg_gen_lookup_and_goto_ptr(tcg_ctx);
        return;
    }
    place = tcg_temp_new_i64(tcg_ctx);
    pc = tcg_temp_local_new_i64(tcg_ctx);
    differs = tcg_temp_new_i64(tcg_ctx);
    base = tcg_temp_new_i64(tcg_ctx);
    tb = tcg_temp_local_new_ptr(tcg_ctx);
    at = tcg_temp_new_ptr(tcg_ctx);
    search = gen_new_label(tcg_ctx);

    tcg_gen_ld_i64(tcg_ctx, pc, tcg_ctx->cpu_env, offsetof(CPUX86State, eip));
    tcg_gen_addi_i64(tcg_ctx, pc, pc, s->cs_base);
    gen_place_of_block(tcg_ctx, place, pc);
    tcg_gen_trunc_i64_ptr(tcg_ctx, at, place);
    tcg_gen_add_ptr(tcg_ctx, at, at, tcg_ctx->cpu_env);
    tcg_gen_ld_ptr(tcg_ctx, tb, at, OF_CPU(tb_jmp_cache));
    tcg_gen_brcondi_ptr(tcg_ctx, TCG_COND_EQ, tb, 0, search);

    tcg_gen_ld_i64(tcg_ctx, differs, tb, offsetof(TranslationBlock, pc));
    tcg_gen_xor_i64(tcg_ctx, differs, differs, pc);
    tcg_gen_ld_i64(tcg_ctx, base, tb, offsetof(TranslationBlock, cs_base));
    tcg_gen_xori_i64(tcg_ctx, base, base, s->cs_base);
    tcg_gen_or_i64(tcg_ctx, differs, differs, base);
    gen_differs(tcg_ctx, differs, tb, offsetof(TranslationBlock, flags), UINT32_MAX, s->base.tb->flags);
    gen_differs(tcg_ctx, differs, tb, offsetof(TranslationBlock, cflags), CF_HASH_MASK | CF_INVALID, cflags);
    tcg_gen_brcondi_i64(tcg_ctx, TCG_COND_NE, differs, 0, search);
    tcg_gen_ld_ptr(tcg_ctx, at, tb, offsetof(TranslationBlock, tc.ptr));
    tcg_gen_op1i(tcg_ctx, INDEX_op_goto_ptr, tcgv_ptr_arg(tcg_ctx, at));

    gen_set_label(tcg_ctx, search);
    tcg_temp_free_i64(tcg_ctx, place);
    tcg_temp_free_i64(tcg_ctx, pc);
    tcg_temp_free_i64(tcg_ctx, differs);
    tcg_temp_free_i64(tcg_ctx, base);
    tcg_temp_free_ptr(tcg_ctx, tb);
    tcg_temp_free_ptr(tcg_ctx, at);
#endif
    tcg_gen_lookup_and_goto_ptr(tcg_ctx);
}
