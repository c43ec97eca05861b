/* Additions to the translator. */

#include "corrected/divide.h"
#include "corrected/jump.h"

/* Flags that an instruction works out before it accesses memory stay worked out if that access faults: what
   comes now belongs to the same instruction, with flags that are kept as such. */
static void flags_are_kept(DisasContext *s)
{
    s->base.more_starts++;
    tcg_gen_insn_start(s->uc->tcg_ctx, s->pc_start, CC_OP_EFLAGS);
}

/* Loads what will be stored to the same place by the same instruction: a page that cannot be stored to
   faults here, as a store, while nothing has changed. */
static inline void load_to_modify(DisasContext *s, MemOp size, TCGv value, TCGv addr)
{
    gen_op_ld_v(s, size | MO_RMW, value, addr);
}

/* Faults as a store at `addr` + `offset` would. */
static void probe_store(DisasContext *s, TCGv addr, int offset, MemOp size)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv at = tcg_temp_new(tcg_ctx);

    tcg_gen_addi_tl(tcg_ctx, at, addr, offset);
    tcg_gen_ext32u_tl(tcg_ctx, at, at);
    tcg_gen_qemu_ld_tl(tcg_ctx, at, at, s->mem_index, size | MO_RMW);
    tcg_temp_free(tcg_ctx, at);
}

/* Faults as a load at `addr` + `offset` would. */
static void probe_load(DisasContext *s, TCGv addr, int offset, MemOp size)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv at = tcg_temp_new(tcg_ctx);

    tcg_gen_addi_tl(tcg_ctx, at, addr, offset);
    tcg_gen_ext32u_tl(tcg_ctx, at, at);
    tcg_gen_qemu_ld_tl(tcg_ctx, at, at, s->mem_index, size);
    tcg_temp_free(tcg_ctx, at);
}

/* An access through a segment that may be null, or code: outside ring 3, which only boots, and through SS,
   which can be neither, there is none. As long as DS and ES are ordinary (no `addseg`), only FS and GS have to
   be looked at when the program runs, and CS if it is stored through. */
static void check_segment(DisasContext *s, int seg)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv_i32 which, stores;

    if (s->cpl != 3 || seg < 0 || seg == R_SS) {
        return;
    }
    if (seg == R_CS ? !s->stores : !s->addseg && seg < R_FS) {
        return;
    }
    which = tcg_const_i32(tcg_ctx, seg);
    stores = tcg_const_i32(tcg_ctx, s->stores);
    gen_helper_check_segment(tcg_ctx, tcg_ctx->cpu_env, which, stores);
    tcg_temp_free_i32(tcg_ctx, which);
    tcg_temp_free_i32(tcg_ctx, stores);
}

/* Takes back what was translated of the instruction at hand. */
static void undo_instruction(DisasContext *s)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;

    while (tcg_last_op(tcg_ctx) != s->last_op_before) {
        tcg_op_remove(tcg_ctx, tcg_last_op(tcg_ctx));
    }
    s->base.num_insns--;
    s->base.more_starts = s->more_starts_before;
    s->cc_op = s->cc_op_before;
    s->cc_op_dirty = s->cc_op_dirty_before;
    s->pc = s->pc_start;
    s->base.is_jmp = DISAS_TOO_MANY;
}
