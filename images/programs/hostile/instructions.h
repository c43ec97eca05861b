// The instructions that a program in ring 3 must not get through with, by name.
#ifndef HOSTILE_INSTRUCTIONS_H
#define HOSTILE_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instruction {
    const char *name;
    // Runs it; true if it left no trace.
    bool (*run)(void);
};

// What the kernel's segments are called here: any selector below privilege 3
// will do.
#define KERNEL_CODE "0x08"
#define KERNEL_DATA "0x10"
#define FLAG_TRAP 0x100u
#define FLAG_INTERRUPT 0x200u
#define FLAG_IOPL 0x3000u
#define FLAG_NESTED 0x4000u
#define FLAG_VM 0x20000u

// Used by name in assembly.
static __attribute__((used)) uint32_t memory[16];

static inline uint32_t flags(void)
{
    uint32_t value;
    __asm__ volatile("pushfl; popl %0" : "=r"(value));
    return value;
}

// POPF with other bits than now; true if nothing but the usual flags changed.
static inline bool flip_flags(uint32_t bits)
{
    uint32_t before = flags();
    __asm__ volatile("pushl %0; popfl" : : "r"(before ^ bits) : "cc", "memory");
    return ((flags() ^ before) & bits) == 0;
}

// An IRET to the next instruction with the given selectors and flags.
#define IRET(code, data, change)                                                   \
    __asm__ volatile("movl %%esp, %%eax\n\t"                                       \
                     "pushl $" data "\n\t"                                         \
                     "pushl %%eax\n\t"                                             \
                     "pushfl\n\t"                                                  \
                     "xorl %0, (%%esp)\n\t"                                        \
                     "pushl $" code "\n\t"                                         \
                     "pushl $1f\n\t"                                               \
                     "iret\n\t"                                                    \
                     "1:\n\t"                                                      \
                     "movl %%eax, %%esp\n\t"                                       \
                     : : "i"(change) : "eax", "memory", "cc")

// Defines the function that runs some lines of assembly.
#define RUN(name, ...)                       \
    static bool name(void)                   \
    {                                        \
        __asm__ volatile(__VA_ARGS__);       \
        return true;                         \
    }

RUN(run_cli, "cli")
RUN(run_sti, "sti")
RUN(run_hlt, "hlt")
RUN(run_in, "inb $0x60, %%al" : : : "eax")
RUN(run_in_dx, "movw $0x3f8, %%dx; inl %%dx, %%eax" : : : "eax", "edx")
RUN(run_out, "outb %%al, $0x80" : : : "eax")
RUN(run_out_dx, "movw $0x501, %%dx; outl %%eax, %%dx" : : : "eax", "edx")
RUN(run_ins, "movl $memory, %%edi; movw $0x60, %%dx; insb" : : : "edi", "edx", "memory")
RUN(run_rep_ins, "movl $memory, %%edi; movl $4, %%ecx; movw $0x60, %%dx; rep insb"
    : : : "edi", "ecx", "edx", "memory")
RUN(run_outs, "movl $memory, %%esi; movw $0x80, %%dx; outsb" : : : "esi", "edx", "memory")
RUN(run_lgdt, "lgdt memory")
RUN(run_lidt, "lidt memory")
RUN(run_lldt, "xorl %%eax, %%eax; lldt %%ax" : : : "eax")
RUN(run_ltr, "movw $0x28, %%ax; ltr %%ax" : : : "eax")
RUN(run_lmsw, "movw $0, %%ax; lmsw %%ax" : : : "eax")
RUN(run_clts, "clts")
RUN(run_to_cr0, "xorl %%eax, %%eax; movl %%eax, %%cr0" : : : "eax")
RUN(run_from_cr0, "movl %%cr0, %%eax" : : : "eax")
RUN(run_from_cr2, "movl %%cr2, %%eax" : : : "eax")
RUN(run_to_cr3, "xorl %%eax, %%eax; movl %%eax, %%cr3" : : : "eax")
RUN(run_from_cr3, "movl %%cr3, %%eax" : : : "eax")
RUN(run_to_cr4, "xorl %%eax, %%eax; movl %%eax, %%cr4" : : : "eax")
RUN(run_to_dr7, "xorl %%eax, %%eax; movl %%eax, %%dr7" : : : "eax")
RUN(run_from_dr0, "movl %%dr0, %%eax" : : : "eax")
RUN(run_invlpg, "invlpg memory")
RUN(run_invd, "invd")
RUN(run_wbinvd, "wbinvd")
RUN(run_rdmsr, "movl $0x1b, %%ecx; rdmsr" : : : "eax", "ecx", "edx")
RUN(run_wrmsr, "movl $0x174, %%ecx; wrmsr" : : : "eax", "ecx", "edx")
RUN(run_rdpmc, "xorl %%ecx, %%ecx; rdpmc" : : : "eax", "ecx", "edx")
RUN(run_rdtsc, "rdtsc" : : : "eax", "edx")
RUN(run_rdtscp, ".byte 0x0f, 0x01, 0xf9" : : : "eax", "ecx", "edx")
RUN(run_rdrand, ".byte 0x0f, 0xc7, 0xf0" : : : "eax", "cc")
RUN(run_rdseed, ".byte 0x0f, 0xc7, 0xf8" : : : "eax", "cc")
RUN(run_xgetbv, "xorl %%ecx, %%ecx; .byte 0x0f, 0x01, 0xd0" : : : "eax", "ecx", "edx")
RUN(run_monitor, ".byte 0x0f, 0x01, 0xc8")
RUN(run_mwait, ".byte 0x0f, 0x01, 0xc9")
RUN(run_vmcall, ".byte 0x0f, 0x01, 0xc1")
RUN(run_vmmcall, ".byte 0x0f, 0x01, 0xd9")
RUN(run_rsm, "rsm")
RUN(run_sysenter, "sysenter")
RUN(run_sysexit, "movl $1f, %%edx; movl %%esp, %%ecx; sysexit; 1:" : : : "ecx", "edx")
RUN(run_syscall, ".byte 0x0f, 0x05" : : : "ecx")
RUN(run_sysret, "movl $1f, %%ecx; .byte 0x0f, 0x07; 1:" : : : "ecx")
RUN(run_ljmp, "ljmp $" KERNEL_CODE ", $1f; 1:")
RUN(run_ljmp_kernel, "ljmp $" KERNEL_CODE ", $0xc0000000")
RUN(run_ljmp_null, "ljmp $0, $1f; 1:")
RUN(run_ljmp_tss, "ljmp $0x28, $0")
RUN(run_lcall, "lcall $" KERNEL_CODE ", $1f; 1:")
RUN(run_lcall_gate, "lcall $0x33, $0")
RUN(run_lcall_ldt, "lcall $0x0f, $0")
RUN(run_lret, "pushl $" KERNEL_CODE "; pushl $1f; lret; 1:")
RUN(run_load_ds, "movw $" KERNEL_DATA ", %%ax; movw %%ax, %%ds" : : : "eax")
RUN(run_load_es, "pushl $" KERNEL_DATA "; popl %%es" : : : "memory")
RUN(run_load_fs_tss, "movw $0x28, %%ax; movw %%ax, %%fs" : : : "eax")
RUN(run_load_gs_far, "movw $0xfff8, %%ax; movw %%ax, %%gs" : : : "eax")
RUN(run_load_ss, "movw $" KERNEL_DATA ", %%ax; movw %%ax, %%ss" : : : "eax")
RUN(run_load_ss_null, "xorl %%eax, %%eax; movw %%ax, %%ss" : : : "eax")
RUN(run_int3, "int3")
RUN(run_into, "movb $127, %%al; addb $1, %%al; into" : : : "eax", "cc")
RUN(run_bound, "movl $9, %%eax; bound %%eax, memory" : : : "eax")
RUN(run_ud2, "ud2")
RUN(run_lock, ".byte 0xf0, 0x90")
RUN(run_div0, "xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx", "cc")
RUN(run_idiv_over, "movl $0x80000000, %%eax; cltd; movl $-1, %%ecx; idivl %%ecx"
    : : : "eax", "ecx", "edx", "cc")
RUN(run_aam0, "aam $0" : : : "eax", "cc")
RUN(run_iopl3_in, "pushfl; orl $0x3000, (%%esp); popfl; inb $0x60, %%al" : : : "eax", "cc")
RUN(run_icebp, ".byte 0xf1")
RUN(run_long, ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")
RUN(run_smsw, "smsw %%ax" : : : "eax")
RUN(run_sgdt, "sgdt memory" : : : "memory")
RUN(run_sidt, "sidt memory" : : : "memory")
RUN(run_sldt, "sldt %%ax" : : : "eax")
RUN(run_str, "str %%ax" : : : "eax")
RUN(run_lar, "movl $" KERNEL_CODE ", %%ecx; lar %%ecx, %%eax" : : : "eax", "ecx", "cc")
RUN(run_verw, "movl $" KERNEL_DATA ", %%ecx; verw %%cx" : : : "ecx", "cc")
RUN(run_cpuid, "xorl %%eax, %%eax; cpuid" : : : "eax", "ebx", "ecx", "edx")

static bool run_iret_ring0(void)
{
    IRET(KERNEL_CODE, KERNEL_DATA, 0);
    return true;
}

static bool run_iret_nested(void)
{
    __asm__ volatile("pushfl; orl %0, (%%esp); popfl; iret" : : "i"(FLAG_NESTED) : "cc", "memory");
    return true;
}

static bool run_iret_ring3(void)
{
    uint32_t before = flags();
    __asm__ volatile("pushfl; xorl %0, (%%esp); pushl %%cs; pushl $1f; iret; 1:"
                     : : "i"(FLAG_INTERRUPT | FLAG_IOPL) : "memory", "cc");
    return ((flags() ^ before) & (FLAG_INTERRUPT | FLAG_IOPL)) == 0;
}

static bool run_popf_if(void)
{
    return flip_flags(FLAG_INTERRUPT);
}

static bool run_popf_iopl(void)
{
    return flip_flags(FLAG_IOPL);
}

static bool run_popf_vm(void)
{
    return flip_flags(FLAG_VM);
}

static bool run_popf_trap(void)
{
    flip_flags(FLAG_TRAP);
    return true;
}

// All of them; `count` becomes how many there are.
static inline const struct instruction *instructions(int *count)
{
    static const struct instruction all[] = {
        { "cli", run_cli },
        { "sti", run_sti },
        { "hlt", run_hlt },
        { "in", run_in },
        { "in-dx", run_in_dx },
        { "out", run_out },
        { "out-dx", run_out_dx },
        { "ins", run_ins },
        { "rep-ins", run_rep_ins },
        { "outs", run_outs },
        { "iopl3-in", run_iopl3_in },
        { "lgdt", run_lgdt },
        { "lidt", run_lidt },
        { "lldt", run_lldt },
        { "ltr", run_ltr },
        { "lmsw", run_lmsw },
        { "clts", run_clts },
        { "mov-to-cr0", run_to_cr0 },
        { "mov-from-cr0", run_from_cr0 },
        { "mov-from-cr2", run_from_cr2 },
        { "mov-to-cr3", run_to_cr3 },
        { "mov-from-cr3", run_from_cr3 },
        { "mov-to-cr4", run_to_cr4 },
        { "mov-to-dr7", run_to_dr7 },
        { "mov-from-dr0", run_from_dr0 },
        { "invlpg", run_invlpg },
        { "invd", run_invd },
        { "wbinvd", run_wbinvd },
        { "rdmsr", run_rdmsr },
        { "wrmsr", run_wrmsr },
        { "rdpmc", run_rdpmc },
        { "rdtsc", run_rdtsc },
        { "rdtscp", run_rdtscp },
        { "rdrand", run_rdrand },
        { "rdseed", run_rdseed },
        { "xgetbv", run_xgetbv },
        { "monitor", run_monitor },
        { "mwait", run_mwait },
        { "vmcall", run_vmcall },
        { "vmmcall", run_vmmcall },
        { "rsm", run_rsm },
        { "sysenter", run_sysenter },
        { "sysexit", run_sysexit },
        { "syscall", run_syscall },
        { "sysret", run_sysret },
        { "iret-ring0", run_iret_ring0 },
        { "iret-nested", run_iret_nested },
        { "ljmp", run_ljmp },
        { "ljmp-kernel", run_ljmp_kernel },
        { "ljmp-null", run_ljmp_null },
        { "ljmp-tss", run_ljmp_tss },
        { "lcall", run_lcall },
        { "lcall-gate", run_lcall_gate },
        { "lcall-ldt", run_lcall_ldt },
        { "lret", run_lret },
        { "load-ds", run_load_ds },
        { "load-es", run_load_es },
        { "load-fs-tss", run_load_fs_tss },
        { "load-gs-far", run_load_gs_far },
        { "load-ss", run_load_ss },
        { "load-ss-null", run_load_ss_null },
        { "int3", run_int3 },
        { "into", run_into },
        { "bound", run_bound },
        { "ud2", run_ud2 },
        { "lock-nop", run_lock },
        { "div-zero", run_div0 },
        { "idiv-overflow", run_idiv_over },
        { "aam-zero", run_aam0 },
        { "icebp", run_icebp },
        { "too-long", run_long },
        { "popf-trap", run_popf_trap },
        // From here on: no effect.
        { "popf-if", run_popf_if },
        { "popf-iopl", run_popf_iopl },
        { "popf-vm", run_popf_vm },
        { "iret-ring3", run_iret_ring3 },
        { "smsw", run_smsw },
        { "sgdt", run_sgdt },
        { "sidt", run_sidt },
        { "sldt", run_sldt },
        { "str", run_str },
        { "lar", run_lar },
        { "verw", run_verw },
        { "cpuid", run_cpuid },
    };
    *count = sizeof all / sizeof *all;
    return all;
}

#endif
