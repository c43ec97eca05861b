/* The translator's part of the x87 unit: finds the operand, and leaves the rest to the helpers of x87.h. */

#include "x87_ops.h"

static void gen_x87_number(DisasContext *s, int32_t number)
{
    tcg_gen_movi_i32(s->uc->tcg_ctx, s->tmp3_i32, number);
}

/* An instruction with an operand in memory. Its kinds are by the bits 1 and 2 of the first byte: float, int32,
   double, int16. False if there is none. */
static bool gen_x87_memory(DisasContext *s, int op, int data32)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    static const uint8_t stored[4] = { X87_TO_F32, X87_TO_I32, X87_TO_F64, X87_TO_I16 };
    static const MemOp sizes[4] = { MO_LEUL, MO_LEUL, MO_LEQ, MO_LESW };
    int kind = op >> 4, how = op & 7;
    TCGv_i32 word = s->tmp2_i32, number = s->tmp3_i32;
    TCGv_ptr env = tcg_ctx->cpu_env;

    if (!(op & 8)) {
        gen_x87_number(s, how);
        if (kind == 2) {
            tcg_gen_qemu_ld_i64(tcg_ctx, s->tmp1_i64, s->A0, s->mem_index, MO_LEQ);
            gen_helper_x87_arith_m64(tcg_ctx, env, s->tmp1_i64, number);
        } else {
            tcg_gen_qemu_ld_i32(tcg_ctx, word, s->A0, s->mem_index, sizes[kind]);
            if (kind == 0) {
                gen_helper_x87_arith_m32(tcg_ctx, env, word, number);
            } else {
                gen_helper_x87_arith_int(tcg_ctx, env, word, number);
            }
        }
        return true;
    }
    switch (op) {
    case 0x08:
        tcg_gen_qemu_ld_i32(tcg_ctx, word, s->A0, s->mem_index, MO_LEUL);
        gen_helper_x87_fld_m32(tcg_ctx, env, word);
        break;
    case 0x28:
        tcg_gen_qemu_ld_i64(tcg_ctx, s->tmp1_i64, s->A0, s->mem_index, MO_LEQ);
        gen_helper_x87_fld_m64(tcg_ctx, env, s->tmp1_i64);
        break;
    case 0x18:
    case 0x38:
        tcg_gen_qemu_ld_i32(tcg_ctx, word, s->A0, s->mem_index, sizes[kind]);
        tcg_gen_ext_i32_i64(tcg_ctx, s->tmp1_i64, word);
        gen_helper_x87_fild(tcg_ctx, env, s->tmp1_i64);
        break;
    case 0x3d:
        tcg_gen_qemu_ld_i64(tcg_ctx, s->tmp1_i64, s->A0, s->mem_index, MO_LEQ);
        gen_helper_x87_fild(tcg_ctx, env, s->tmp1_i64);
        break;
    case 0x1d:
        gen_helper_x87_fld_m80(tcg_ctx, env, s->A0);
        break;
    case 0x3c:
        gen_helper_x87_fbld(tcg_ctx, env, s->A0);
        break;
    case 0x19:
    case 0x29:
    case 0x39:
        /* fisttp came with SSE3. */
        if (!(s->cpuid_ext_features & CPUID_EXT_SSE3)) {
            return false;
        }
        gen_x87_number(s, (op == 0x29 ? X87_TO_I64 : stored[kind]) | X87_CHOP | X87_POP);
        gen_helper_x87_store(tcg_ctx, env, s->A0, number);
        break;
    case 0x0a: case 0x0b:
    case 0x1a: case 0x1b:
    case 0x2a: case 0x2b:
    case 0x3a: case 0x3b:
        gen_x87_number(s, stored[kind] | (op & 1 ? X87_POP : 0));
        gen_helper_x87_store(tcg_ctx, env, s->A0, number);
        break;
    case 0x1f:
        gen_x87_number(s, X87_TO_F80 | X87_POP);
        gen_helper_x87_store(tcg_ctx, env, s->A0, number);
        break;
    case 0x3e:
        gen_x87_number(s, X87_TO_BCD | X87_POP);
        gen_helper_x87_store(tcg_ctx, env, s->A0, number);
        break;
    case 0x3f:
        gen_x87_number(s, X87_TO_I64 | X87_POP);
        gen_helper_x87_store(tcg_ctx, env, s->A0, number);
        break;
    case 0x0c:
        gen_x87_number(s, data32);
        gen_helper_fldenv(tcg_ctx, env, s->A0, number);
        break;
    case 0x0e:
        gen_x87_number(s, data32);
        gen_helper_fstenv(tcg_ctx, env, s->A0, number);
        break;
    case 0x2c:
        gen_x87_number(s, data32);
        gen_helper_frstor(tcg_ctx, env, s->A0, number);
        break;
    case 0x2e:
        gen_x87_number(s, data32);
        gen_helper_fsave(tcg_ctx, env, s->A0, number);
        break;
    case 0x0d:
        tcg_gen_qemu_ld_i32(tcg_ctx, word, s->A0, s->mem_index, MO_LEUW);
        gen_helper_fldcw(tcg_ctx, env, word);
        break;
    case 0x0f:
        gen_helper_fnstcw(tcg_ctx, word, env);
        tcg_gen_qemu_st_i32(tcg_ctx, word, s->A0, s->mem_index, MO_LEUW);
        break;
    case 0x2f:
        gen_helper_fnstsw(tcg_ctx, word, env);
        tcg_gen_qemu_st_i32(tcg_ctx, word, s->A0, s->mem_index, MO_LEUW);
        break;
    default:
        return false;
    }
    return true;
}

static void gen_x87_compare(DisasContext *s, int i, int pops, bool quiet, bool to_flags)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;

    gen_x87_number(s, i | pops << 4 | (quiet ? 64 : 0));
    if (to_flags) {
        gen_update_cc_op(s);
        gen_helper_x87_compare_flags(tcg_ctx, tcg_ctx->cpu_env, s->tmp3_i32);
        set_cc_op(s, CC_OP_EFLAGS);
    } else {
        gen_helper_x87_compare(tcg_ctx, tcg_ctx->cpu_env, s->tmp3_i32);
    }
}

static void gen_x87_fcmov(DisasContext *s, int op, int i)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    static const uint8_t conditions[4] = { JCC_B, JCC_Z, JCC_BE, JCC_P };

    gen_setcc1(s, conditions[op & 3] << 1 | (op >> 3 & 1), s->T0);
    tcg_gen_trunc_tl_i32(tcg_ctx, s->tmp2_i32, s->T0);
    gen_x87_number(s, i);
    gen_helper_x87_fcmov(tcg_ctx, tcg_ctx->cpu_env, s->tmp3_i32, s->tmp2_i32);
}

/* An instruction with registers alone, `op` and the register `i`. False if there is none. */
static bool gen_x87_register(DisasContext *s, int op, int i)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv_ptr env = tcg_ctx->cpu_env;
    TCGv_i32 number = s->tmp3_i32;
    int function = 0xc0 | (op & 7) << 3 | i;

    switch (op) {
    case 0x00: case 0x01: case 0x04: case 0x05: case 0x06: case 0x07:
    case 0x20: case 0x21: case 0x24: case 0x25: case 0x26: case 0x27:
    case 0x30: case 0x31: case 0x34: case 0x35: case 0x36: case 0x37:
        gen_x87_number(s, (op & 7) | i << 3 | (op >= 0x20 ? 64 : 0) | (op >= 0x30 ? 128 : 0));
        gen_helper_x87_arith_reg(tcg_ctx, env, number);
        break;
    case 0x02: case 0x22:
        gen_x87_compare(s, i, 0, false, false);
        break;
    case 0x03: case 0x23: case 0x32:
        gen_x87_compare(s, i, 1, false, false);
        break;
    case 0x2c:
        gen_x87_compare(s, i, 0, true, false);
        break;
    case 0x2d:
        gen_x87_compare(s, i, 1, true, false);
        break;
    case 0x15: case 0x33:
        if (i != 1) {
            return false;
        }
        gen_x87_compare(s, 1, 2, op == 0x15, false);
        break;
    case 0x1d: case 0x1e: case 0x3d: case 0x3e:
        if (!(s->cpuid_features & CPUID_CMOV)) {
            return false;
        }
        gen_x87_compare(s, i, op >= 0x38, (op & 3) == 1, true);
        break;
    case 0x10: case 0x11: case 0x12: case 0x13:
    case 0x18: case 0x19: case 0x1a: case 0x1b:
        if (!(s->cpuid_features & CPUID_CMOV)) {
            return false;
        }
        gen_x87_fcmov(s, op, i);
        break;
    case 0x08:
        gen_x87_number(s, i);
        gen_helper_x87_fld_reg(tcg_ctx, env, number);
        break;
    case 0x09: case 0x29: case 0x39:
        gen_x87_number(s, i);
        gen_helper_x87_fxch(tcg_ctx, env, number);
        break;
    case 0x2a:
    case 0x0b: case 0x2b: case 0x3a: case 0x3b:
        gen_x87_number(s, i | (op == 0x2a ? 0 : 8) | (op == 0x0b ? 16 : 0));
        gen_helper_x87_fst_reg(tcg_ctx, env, number);
        break;
    case 0x28: case 0x38:
        gen_x87_number(s, i | (op == 0x38 ? 8 : 0));
        gen_helper_x87_ffree(tcg_ctx, env, number);
        break;
    case 0x0a:
        /* fnop has no more to do than to wait. */
        return i == 0;
    case 0x0d:
        if (i == 7) {
            return false;
        }
        gen_x87_number(s, i);
        gen_helper_x87_fld_constant(tcg_ctx, env, number);
        break;
    case 0x0c: case 0x0e: case 0x0f:
        if (function != 0xe0 && function != 0xe1 && function != 0xe4 && function != 0xe5 && op == 0x0c) {
            return false;
        }
        gen_x87_number(s, function);
        gen_helper_x87_function(tcg_ctx, env, number);
        break;
    case 0x1c:
        switch (i) {
        case 2:
            gen_helper_fclex(tcg_ctx, env);
            break;
        case 3:
            gen_helper_fninit(tcg_ctx, env);
            break;
        default:
            /* The 8087's and 287's feni, fdisi and fsetpm do nothing. */
            return i == 0 || i == 1 || i == 4;
        }
        break;
    case 0x3c:
        if (i != 0) {
            return false;
        }
        gen_helper_fnstsw(tcg_ctx, s->tmp2_i32, env);
        tcg_gen_extu_i32_tl(tcg_ctx, s->T0, s->tmp2_i32);
        gen_op_mov_reg_v(s, MO_16, R_EAX, s->T0);
        break;
    default:
        return false;
    }
    return true;
}

/* Instructions that leave the pointers to the last instruction and operand alone: control instructions. */
static bool gen_x87_is_control(int op, int i, bool memory)
{
    if (memory) {
        return op == 0x0c || op == 0x0d || op == 0x0e || op == 0x0f || op == 0x2c || op == 0x2e || op == 0x2f;
    }
    return op == 0x0a || op == 0x1c || op == 0x3c;
}

/* Those among them that do not wait for an exception to be handled. */
static bool gen_x87_waits(int op, bool memory)
{
    if (memory) {
        return op != 0x0e && op != 0x0f && op != 0x2e && op != 0x2f;
    }
    return op != 0x1c && op != 0x3c;
}

/* The instruction that begins with `b`, 0xd8 to 0xdf. False if there is none. */
static bool gen_x87(CPUX86State *env, DisasContext *s, int b, target_ulong pc_start, MemOp dflag)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    int modrm = x86_ldub_code(env, s);
    int op = (b & 7) << 3 | (modrm >> 3 & 7);
    bool memory = modrm >> 6 != 3;
    bool control = gen_x87_is_control(op, modrm & 7, memory);

    if (gen_x87_waits(op, memory)) {
        gen_helper_fwait(tcg_ctx, tcg_ctx->cpu_env);
    }
    if (memory) {
        AddressParts a = gen_lea_modrm_0(env, s, modrm);
        TCGv ea = gen_lea_modrm_1(s, a);
        TCGv offset = tcg_temp_new(tcg_ctx);
        int segment = s->override >= 0 ? s->override : a.def_seg;
        bool known;

        tcg_gen_mov_tl(tcg_ctx, offset, ea);
        gen_lea_v_seg(s, s->aflag, ea, a.def_seg, s->override);
        known = gen_x87_memory(s, op, dflag != MO_16);
        if (known && !control) {
            tcg_gen_st_tl(tcg_ctx, offset, tcg_ctx->cpu_env, offsetof(CPUX86State, fpdp));
            tcg_gen_ld_i32(tcg_ctx, s->tmp2_i32, tcg_ctx->cpu_env, offsetof(CPUX86State, segs[segment].selector));
            tcg_gen_st16_i32(tcg_ctx, s->tmp2_i32, tcg_ctx->cpu_env, offsetof(CPUX86State, fpds));
        }
        tcg_temp_free(tcg_ctx, offset);
        if (!known) {
            return false;
        }
    } else if (!gen_x87_register(s, op, modrm & 7)) {
        return false;
    }
    if (!control) {
        tcg_gen_movi_tl(tcg_ctx, s->T0, pc_start - s->cs_base);
        tcg_gen_st_tl(tcg_ctx, s->T0, tcg_ctx->cpu_env, offsetof(CPUX86State, fpip));
        tcg_gen_ld_i32(tcg_ctx, s->tmp2_i32, tcg_ctx->cpu_env, offsetof(CPUX86State, segs[R_CS].selector));
        tcg_gen_st16_i32(tcg_ctx, s->tmp2_i32, tcg_ctx->cpu_env, offsetof(CPUX86State, fpcs));
    }
    return true;
}

/* An operand of sixteen bytes at A0 must be aligned, or there is #GP(0) ahead of any page fault. */
static void gen_sse_aligned(DisasContext *s)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;

    gen_helper_sse_aligned(tcg_ctx, tcg_ctx->cpu_env, s->A0);
}

/* Leaves the x87 stack as an MMX instruction does that wrote register `written`, or none if that is 8. */
static void gen_mmx_done(DisasContext *s, int written)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;

    gen_x87_number(s, written);
    gen_helper_enter_mmx(tcg_ctx, tcg_ctx->cpu_env, s->tmp3_i32);
}

/* The register that the MMX instruction 0f `b` writes. */
static int gen_mmx_written(int b, int modrm, int reg)
{
    switch (b) {
    case 0x7e:
    case 0xc5:
    case 0xd7:
    case 0xe7:
    case 0xf7:
        return 8;
    case 0x7f:
        return modrm >> 6 == 3 ? modrm & 7 : 8;
    case 0x71:
    case 0x72:
    case 0x73:
        return modrm & 7;
    default:
        return reg;
    }
}
