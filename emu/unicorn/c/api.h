/* What the machine asks of the emulator beyond its own interface; declared in emu's src/corrected.rs. */

#include "exec/exec-all.h"
#include "exec/ram_addr.h"
#include "accel/tcg/translate-all.h"

/* Where the emulator keeps its account of work. It stays there as long as the engine lives. */
UNICORN_EXPORT
struct work *uc_x86_work(uc_engine *uc)
{
    CPUX86State *env = uc->cpu->env_ptr;

    return &env->work;
}

/* Has the next block that begins be one of `instructions` instructions at the most. */
UNICORN_EXPORT
void uc_x86_limit_next_block(uc_engine *uc, uint32_t instructions)
{
    uc->cpu->cflags_next_tb = instructions | curr_cflags();
}

/* The error code of the exception that ended a run, and the address of its instruction. */
UNICORN_EXPORT
void uc_x86_exception(uc_engine *uc, uint32_t *error_code, uint32_t *eip)
{
    CPUX86State *env = uc->cpu->env_ptr;

    *error_code = env->error_code;
    *eip = env->exception_eip;
}

/* Drops the TLB's entries of one page. */
UNICORN_EXPORT
void uc_x86_flush_page(uc_engine *uc, uint32_t addr)
{
    tlb_flush_page(uc->cpu, addr);
}

/* Drops the code that was translated from the `length` bytes of a page of RAM at physical address `start`. */
UNICORN_EXPORT
void uc_x86_drop_code(uc_engine *uc, uint32_t start, uint32_t length)
{
    MemoryRegion *ram = uc->memory_mapping(uc, start);
    ram_addr_t first = memory_region_get_ram_addr(ram) + (start - ram->addr);

    tb_invalidate_phys_range(uc, first, first + length);
    forget_code_bytes(uc, first);
}
