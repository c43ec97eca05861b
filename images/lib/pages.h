// Helpers of virtual-memory tests for pages and other processes.
//
// The place of a page can only be checked while no other page needs its frame:
// such a test calls roomy() first, and checks only data on a machine that is
// too small.
#ifndef LIB_PAGES_H
#define LIB_PAGES_H

#include "test.h"
#include "vm.h"

// Addresses far from code, data and stack, on page tables of their own.
#define AREA ((uint8_t *)0x10000000)
#define AREA_2 ((uint8_t *)0x20000000)

#define PROT_RW (PROT_READ | PROT_WRITE)
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

// Whether this many more pages fit into frames without an eviction.
bool roomy(unsigned pages);

// The machine's counters.
struct vmstat stats_now(void);

// The pagemap entry of a page.
uint64_t page_entry(const void *address);

// Whether a page is in a frame, is in swap.
bool in_frame(const void *address);
bool in_swap(const void *address);

// Maps `pages` pages, of zeros or of an open file from its page `first` on, and
// ends the test as failed if that is refused.
uint8_t *map_zero(uint8_t *address, unsigned pages);
uint8_t *map_file(uint8_t *address, unsigned pages, int flags, int fd, unsigned first);

// Gives advice that must succeed.
void advise(void *address, unsigned pages, int advice);

// Writes words that belong to `seed`, all over a page; page i of several gets
// `seed` + i.
void fill_page(void *page, uint32_t seed);
void fill_pages(void *start, unsigned pages, uint32_t seed);

// Fails, with `what` in its message, unless pages hold just that.
void check_page(const void *page, uint32_t seed, const char *what);
void check_pages(const void *start, unsigned pages, uint32_t seed, const char *what);

// Fails unless all bytes are zero.
void check_zero(const void *start, size_t size, const char *what);

// One load, one store, that the compiler leaves where they are.
static inline uint8_t load(const void *address)
{
    return *(const volatile uint8_t *)address;
}

static inline void store(void *address, uint8_t byte)
{
    *(volatile uint8_t *)address = byte;
}

// Forks; fails if that is refused.
pid_t must_fork(void);

// Waits for a child and prints `what` if its status is `status`; fails if not.
// The line comes after the child's last, whichever of the two runs first.
void check_child(pid_t child, int status, const char *what);

// Runs `body` in a copy of this process, waits for it and returns its status.
int run_forked(int body(void *argument), void *argument);

// The same for one that must be killed: fails if its status is not -1.
void must_kill(int body(void *argument), void *argument, const char *what);

// Lets others run until a file of that name exists; makes one.
void await_file(const char *file);
void post_file(const char *file);

#endif
