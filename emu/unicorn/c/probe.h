/* Finds out if a range of memory may be accessed, before a part of it is. */

/* `size` bytes at `addr`, at the most a page: the first byte that may not be accessed faults. */
static inline void probe_range(CPUX86State *env, target_ulong addr, unsigned size,
                               MMUAccessType access, uintptr_t retaddr)
{
    int mmu_idx = cpu_mmu_index(env, false);
    unsigned on_page;

    addr = (uint32_t)addr;
    on_page = TARGET_PAGE_SIZE - (addr & ~TARGET_PAGE_MASK);
    probe_access(env, addr, MIN(size, on_page), access, mmu_idx, retaddr);
    if (size > on_page) {
        probe_access(env, (uint32_t)(addr + on_page), size - on_page, access, mmu_idx, retaddr);
    }
}
