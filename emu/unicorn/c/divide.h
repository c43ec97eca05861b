/* Division by the host's own instruction. The helpers do what is rare: they raise #DE, and divide where the
   quotient needs more than the low half of the dividend. */

/* EAX and EDX = EDX:EAX / T0, where the quotient is known to fit. */
static void gen_divide(DisasContext *s, TCGv divisor, bool is_signed)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv_i32 low = tcg_temp_new_i32(tcg_ctx);
    TCGv_i32 high = tcg_temp_new_i32(tcg_ctx);
    TCGv_i32 by = tcg_temp_new_i32(tcg_ctx);

    tcg_gen_trunc_tl_i32(tcg_ctx, low, tcg_ctx->cpu_regs[R_EAX]);
    tcg_gen_trunc_tl_i32(tcg_ctx, high, tcg_ctx->cpu_regs[R_EDX]);
    tcg_gen_trunc_tl_i32(tcg_ctx, by, divisor);
#if TCG_TARGET_HAS_div2_i32
    tcg_gen_op5_i32(tcg_ctx, is_signed ? INDEX_op_div2_i32 : INDEX_op_divu2_i32, low, high, low, high, by);
#else
    TCGv_i64 dividend = tcg_temp_new_i64(tcg_ctx);
    TCGv_i64 long_by = tcg_temp_new_i64(tcg_ctx);
    TCGv_i64 quotient = tcg_temp_new_i64(tcg_ctx);

    tcg_gen_concat_i32_i64(tcg_ctx, dividend, low, high);
    if (is_signed) {
        tcg_gen_ext_i32_i64(tcg_ctx, long_by, by);
        tcg_gen_div_i64(tcg_ctx, quotient, dividend, long_by);
    } else {
        tcg_gen_extu_i32_i64(tcg_ctx, long_by, by);
        tcg_gen_divu_i64(tcg_ctx, quotient, dividend, long_by);
    }
    tcg_gen_extrl_i64_i32(tcg_ctx, low, quotient);
    tcg_gen_mul_i64(tcg_ctx, quotient, quotient, long_by);
    tcg_gen_sub_i64(tcg_ctx, dividend, dividend, quotient);
    tcg_gen_extrl_i64_i32(tcg_ctx, high, dividend);
    tcg_temp_free_i64(tcg_ctx, dividend);
    tcg_temp_free_i64(tcg_ctx, long_by);
    tcg_temp_free_i64(tcg_ctx, quotient);
#endif
    tcg_gen_extu_i32_tl(tcg_ctx, tcg_ctx->cpu_regs[R_EAX], low);
    tcg_gen_extu_i32_tl(tcg_ctx, tcg_ctx->cpu_regs[R_EDX], high);
    tcg_temp_free_i32(tcg_ctx, low);
    tcg_temp_free_i32(tcg_ctx, high);
    tcg_temp_free_i32(tcg_ctx, by);
}

/* `div`: the quotient fits if the divisor is greater than the high half of the dividend. */
static void gen_div32(DisasContext *s)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv divisor = tcg_temp_local_new(tcg_ctx);
    TCGLabel *fits = gen_new_label(tcg_ctx);

    tcg_gen_ext32u_tl(tcg_ctx, divisor, s->T0);
    tcg_gen_brcond_tl(tcg_ctx, TCG_COND_LTU, tcg_ctx->cpu_regs[R_EDX], divisor, fits);
    gen_helper_divl_EAX(tcg_ctx, tcg_ctx->cpu_env, divisor);
    gen_set_label(tcg_ctx, fits);
    gen_divide(s, divisor, false);
    tcg_temp_free(tcg_ctx, divisor);
}

/* `idiv`: the quotient fits if EDX only has the sign of EAX and the divisor is neither 0 nor -1. */
static void gen_idiv32(DisasContext *s)
{
    TCGContext *tcg_ctx = s->uc->tcg_ctx;
    TCGv divisor = tcg_temp_local_new(tcg_ctx);
    TCGv rare = tcg_temp_new(tcg_ctx);
    TCGv sign = tcg_temp_new(tcg_ctx);
    TCGLabel *is_rare = gen_new_label(tcg_ctx);
    TCGLabel *done = gen_new_label(tcg_ctx);

    tcg_gen_ext32u_tl(tcg_ctx, divisor, s->T0);
    tcg_gen_ext32s_tl(tcg_ctx, sign, tcg_ctx->cpu_regs[R_EAX]);
    tcg_gen_sari_tl(tcg_ctx, sign, sign, 31);
    tcg_gen_ext32u_tl(tcg_ctx, sign, sign);
    tcg_gen_setcond_tl(tcg_ctx, TCG_COND_NE, rare, sign, tcg_ctx->cpu_regs[R_EDX]);
    tcg_gen_addi_tl(tcg_ctx, sign, divisor, 1);
    tcg_gen_ext32u_tl(tcg_ctx, sign, sign);
    tcg_gen_setcondi_tl(tcg_ctx, TCG_COND_LEU, sign, sign, 1);
    tcg_gen_or_tl(tcg_ctx, rare, rare, sign);
    tcg_gen_brcondi_tl(tcg_ctx, TCG_COND_NE, rare, 0, is_rare);
    gen_divide(s, divisor, true);
    tcg_gen_br(tcg_ctx, done);
    gen_set_label(tcg_ctx, is_rare);
    gen_helper_idivl_EAX(tcg_ctx, tcg_ctx->cpu_env, divisor);
    gen_set_label(tcg_ctx, done);
    tcg_temp_free(tcg_ctx, divisor);
    tcg_temp_free(tcg_ctx, rare);
    tcg_temp_free(tcg_ctx, sign);
}
