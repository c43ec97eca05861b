/* Which bytes of a page were translated since the machine last put something into it. A guest that stores to
   them has the emulator translate anew, which takes as long as running many blocks: it is charged for that,
   whether or not the translation is still kept, which depends on the host. */

/* Work for a store to a byte that was translated. */
#define STORED_CODE 64

/* `length` bytes of a page, from `first` on, are translated. */
static void note_code_bytes(PageDesc *page, unsigned first, unsigned length)
{
    for (unsigned at = first; at < first + length && at < TARGET_PAGE_SIZE; at++) {
        page->code_bytes[at / 64] |= 1ULL << at % 64;
    }
}

/* Block `tb` is kept for its `n`th page. */
static void note_code_of_block(PageDesc *page, const TranslationBlock *tb, unsigned n)
{
    unsigned first = tb->pc & ~TARGET_PAGE_MASK;
    unsigned on_first = MIN(tb->size, TARGET_PAGE_SIZE - first);

    if (n == 0) {
        note_code_bytes(page, first, on_first);
    } else {
        note_code_bytes(page, 0, tb->size - on_first);
    }
}

void charge_store_to_code(struct uc_struct *uc, tb_page_addr_t start, unsigned length)
{
    PageDesc *page = page_find(uc, start >> TARGET_PAGE_BITS);
    CPUArchState *env = uc->cpu->env_ptr;
    unsigned first = start & ~TARGET_PAGE_MASK;

    for (unsigned at = first; page && at < first + length && at < TARGET_PAGE_SIZE; at++) {
        if (page->code_bytes[at / 64] >> at % 64 & 1) {
            env->work.left -= STORED_CODE;
            return;
        }
    }
}

void forget_code_bytes(struct uc_struct *uc, tb_page_addr_t start)
{
    PageDesc *page = page_find(uc, start >> TARGET_PAGE_BITS);

    if (page) {
        memset(page->code_bytes, 0, sizeof(page->code_bytes));
    }
}
