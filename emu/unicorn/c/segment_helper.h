/* The check of an access through a segment (SDM vol. 3, 5.3 to 5.6): #GP(0) for a null one, for a store to
   code or to read-only data, for a load from code that cannot be read. */
void helper_check_segment(CPUX86State *env, uint32_t which, uint32_t stores)
{
    uint32_t flags = env->segs[which].flags;
    bool is_code = flags & DESC_CS_MASK;
    bool allowed = stores ? !is_code && flags & DESC_W_MASK : !is_code || flags & DESC_R_MASK;

    if (!(flags & DESC_P_MASK) || !allowed) {
        raise_exception_err_ra(env, EXCP0D_GPF, 0, GETPC());
    }
}
