/* Accesses to memory that are made whole or not at all. */

/* The tag of a TLB entry that an access compares its page with: one that loads what it is about to store
   needs a page that can be stored to. Whether stores are looked at does not concern a load. */
static inline target_ulong load_tag(const CPUTLBEntry *entry, bool fetches, bool stores_next)
{
    if (fetches) {
        return entry->addr_code;
    }
    return stores_next ? entry->addr_write & ~(target_ulong)TLB_NOTDIRTY : entry->addr_read;
}
