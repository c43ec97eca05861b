/* Accesses through segments that do not allow them. */

/* Whether a data segment is one that programs usually have: present, writable, no code. */
static inline bool is_ordinary_segment(const SegmentCache *segment)
{
    return (segment->flags & (DESC_P_MASK | DESC_W_MASK | DESC_CS_MASK)) == (DESC_P_MASK | DESC_W_MASK);
}
