// Puts pages into each state that there is, accesses them in each way that
// there is, and checks every byte. What pageout-states and pageout-pairs
// consist of.
//
// A case is two neighbouring pages, each in a state, and an access, which lies
// inside the first page or across their border. Cases are run in a batch: all
// pages are prepared, then one child is forked if a state needs it, which looks
// on, and then the accesses are made one after the other.
#ifndef PAGEOUT_STATES_H
#define PAGEOUT_STATES_H

#include <pages.h>

enum state {
    UNTOUCHED,      // never accessed: zeros to come
    ZERO,           // loaded from, never stored to
    DIRTY,          // stored to, in its frame
    SWAPPED,        // stored to and paged out
    FILE_UNTOUCHED, // of a shared mapping, never accessed
    FILE_CLEAN,     // loaded from
    FILE_DIRTY,     // stored to
    FILE_OUT,       // stored to and paged out
    PRIVATE_CLEAN,  // of a private mapping, loaded from
    PRIVATE_OUT,    // stored to and paged out
    SHARED,         // of a shared mapping that a child has too
    COW,            // stored to before a fork
    COW_SWAPPED,    // and paged out
    PINNED,         // stored to and pinned
    STATES
};

static const char *const state_names[STATES] = {
    "untouched",     "zero",        "dirty",  "swapped",       "file-untouched",
    "file-clean",    "file-dirty",  "file-out", "private-clean", "private-out",
    "shared",        "cow",         "cow-swapped", "pinned",
};

enum access { USER_READ, USER_WRITE, USER_EXECUTE, KERNEL_READ, KERNEL_WRITE, ACCESSES };

static const char *const access_names[ACCESSES] = {
    "user read", "user write", "user execute", "kernel read", "kernel write",
};

enum span { INSIDE, ACROSS };

enum place { MAPPING, STACK };

struct page {
    uint8_t *at;
    enum state state;
    enum place place;
    // The seed of its content, and the number of its page in the file.
    uint16_t number;
};

struct example {
    struct page pages[2];
    enum access access;
    enum span span;
};

// What a page holds that was stored to: words that belong to its number, and
// three pieces of code. That at CODE, and the one at TAIL together with HEAD of
// the next page, add a number to %ecx and return.
enum { HEAD = 0, CODE = 0x200, SPOT = 0x300, TAIL = PAGE_SIZE - 4, ZEROS = PAGE_SIZE - 8 };

#define ADD_TO_ECX 0x81, 0xc1
#define NOP 0x90
#define RET 0xc3

static uint8_t scratch[PAGE_SIZE] __attribute__((aligned(4096)));
static int pages_fd;
static int buffer_fd;

static bool holds_zeros(const struct page *page)
{
    return page->state == UNTOUCHED || page->state == ZERO;
}

static bool is_file(const struct page *page)
{
    switch (page->state) {
    case FILE_UNTOUCHED:
    case FILE_CLEAN:
    case FILE_DIRTY:
    case FILE_OUT:
    case PRIVATE_CLEAN:
    case PRIVATE_OUT:
    case SHARED:
        return true;
    default:
        return false;
    }
}

static bool is_private_file(const struct page *page)
{
    return page->state == PRIVATE_CLEAN || page->state == PRIVATE_OUT;
}

// Whether the state takes a child.
static bool needs_fork(const struct page *page)
{
    return page->state == SHARED || page->state == COW || page->state == COW_SWAPPED;
}

// Writes what a page holds before the access.
static void build(const struct page *page, uint8_t *to)
{
    if (holds_zeros(page)) {
        memset(to, 0, PAGE_SIZE);
        return;
    }
    uint8_t low = (uint8_t)page->number;
    uint8_t high = (uint8_t)(page->number >> 8);
    fill_page(to, page->number);
    const uint8_t head[] = { NOP, NOP, RET };
    const uint8_t code[] = { ADD_TO_ECX, low, high, NOP, NOP, RET };
    const uint8_t tail[] = { ADD_TO_ECX, low, high };
    memcpy(to + HEAD, head, sizeof head);
    memcpy(to + CODE, code, sizeof code);
    memcpy(to + TAIL, tail, sizeof tail);
}

// The bytes that an access is about.
static unsigned length(const struct example *example)
{
    return example->access == USER_READ || example->access == USER_WRITE ? 4 : 64;
}

static uint8_t *target(const struct example *example)
{
    uint8_t *first = example->pages[0].at;
    return example->span == INSIDE ? first + SPOT : first + PAGE_SIZE - length(example) / 2;
}

static bool is_store(const struct example *example)
{
    return example->access == USER_WRITE || example->access == KERNEL_WRITE;
}

static uint8_t new_byte(const struct example *example, unsigned i)
{
    return (uint8_t)(example->pages[0].number * 5 + i + 1);
}

// Fails unless a page that is at `at` holds what it should, before or after the
// access.
static void check(const struct example *example, int which, const uint8_t *at, bool after,
                  const char *who)
{
    const struct page *page = &example->pages[which];
    build(page, scratch);
    for (unsigned i = 0; after && is_store(example) && i < length(example); i++) {
        unsigned offset = (unsigned)(target(example) + i - page->at);
        if (offset < PAGE_SIZE)
            scratch[offset] = new_byte(example, i);
    }
    for (unsigned i = 0; i < PAGE_SIZE / 4; i++) {
        uint32_t word = ((const volatile uint32_t *)at)[i];
        uint32_t expected = ((const uint32_t *)scratch)[i];
        REQUIRE(word == expected, "%s and %s, %s: word %u of page %d is %#x for %s, should be %#x",
                state_names[example->pages[0].state], state_names[example->pages[1].state],
                access_names[example->access], i, which + 1, word, who, expected);
    }
}

// Maps a page, or forgets what the stack has there.
static void place_page(const struct page *page)
{
    if (page->place == STACK) {
        advise(page->at, 1, MADV_DONTNEED);
    } else if (is_file(page)) {
        int flags = is_private_file(page) ? MAP_PRIVATE : MAP_SHARED;
        map_file(page->at, 1, flags, pages_fd, page->number);
    } else {
        map_zero(page->at, 1);
    }
}

// Writes what a page holds into its file, before it is mapped.
static void write_to_file(const struct page *page)
{
    build(page, scratch);
    seek(pages_fd, page->number * PAGE_SIZE);
    REQUIRE(write(pages_fd, scratch, PAGE_SIZE) == PAGE_SIZE, "write page %u", page->number);
}

static void prepare(const struct page *page)
{
    switch (page->state) {
    case UNTOUCHED:
        place_page(page);
        break;
    case ZERO:
        place_page(page);
        load(page->at);
        break;
    case FILE_UNTOUCHED:
        write_to_file(page);
        place_page(page);
        break;
    case FILE_CLEAN:
    case PRIVATE_CLEAN:
    case SHARED:
        write_to_file(page);
        place_page(page);
        load(page->at);
        break;
    case DIRTY:
    case FILE_DIRTY:
    case COW:
    case PINNED:
        place_page(page);
        build(page, page->at);
        break;
    case SWAPPED:
    case FILE_OUT:
    case PRIVATE_OUT:
    case COW_SWAPPED:
        place_page(page);
        build(page, page->at);
        advise(page->at, 1, MADV_PAGEOUT);
        break;
    case STATES:
        break;
    }
}

// Fails unless a page is in its state, as far as the kernel tells.
static void verify(const struct page *page)
{
    static const struct {
        uint64_t bits;
        uint64_t among;
    } expected[STATES] = {
        [UNTOUCHED] = { 0, ~0ull },
        [ZERO] = { PM_PRESENT, PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED | PM_DIRTY },
        [DIRTY] = { PM_PRESENT | PM_DIRTY, PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED | PM_DIRTY },
        [SWAPPED] = { PM_SWAPPED, PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED },
        [FILE_UNTOUCHED] = { 0, PM_PRESENT | PM_SWAPPED },
        [FILE_CLEAN] = { PM_PRESENT | PM_FILE_OR_SHARED,
                         PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED | PM_DIRTY },
        [FILE_DIRTY] = { PM_PRESENT | PM_FILE_OR_SHARED | PM_DIRTY,
                         PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED | PM_DIRTY },
        [FILE_OUT] = { 0, PM_PRESENT | PM_SWAPPED },
        [PRIVATE_CLEAN] = { PM_PRESENT | PM_FILE_OR_SHARED,
                            PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED | PM_DIRTY },
        [PRIVATE_OUT] = { PM_SWAPPED, PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED },
        [SHARED] = { PM_PRESENT | PM_FILE_OR_SHARED,
                     PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED },
        [COW] = { PM_PRESENT | PM_FILE_OR_SHARED, PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED },
        [COW_SWAPPED] = { PM_SWAPPED | PM_FILE_OR_SHARED,
                          PM_PRESENT | PM_SWAPPED | PM_FILE_OR_SHARED },
        [PINNED] = { PM_PRESENT, PM_PRESENT | PM_SWAPPED },
    };
    uint64_t entry = page_entry(page->at);
    REQUIRE((entry & expected[page->state].among) == expected[page->state].bits,
            "a page that should be %s has the pagemap entry %#llx", state_names[page->state],
            entry);
    uint8_t in_memory = 0;
    REQUIRE(mincore(page->at, PAGE_SIZE, &in_memory) == 0, "mincore");
    REQUIRE((in_memory & 1) == (entry >> 63), "mincore and pagemap do not agree");
}

// Runs from `entry` on; what is there adds to %ecx, which is returned. Zeros are
// an instruction that adds 0 to the byte at %eax.
static uint32_t execute(const void *entry)
{
    uint32_t sum = 0;
    uint32_t at = (uint32_t)scratch;
    __asm__ volatile("call *%2" : "+a"(at), "+c"(sum) : "d"(entry) : "memory", "cc");
    return sum;
}

static void check_execution(const struct example *example)
{
    const struct page *first = &example->pages[0];
    const struct page *second = &example->pages[1];
    uint32_t expected = 0;
    unsigned entry = ZEROS;
    if (!holds_zeros(first)) {
        bool with_nops = example->span == INSIDE || !holds_zeros(second);
        expected = first->number + (with_nops ? 0x90900000 : 0);
        entry = example->span == INSIDE ? CODE : TAIL;
    }
    uint32_t result = execute(first->at + entry);
    REQUIRE(result == expected, "the code gave %#x, should give %#x", result, expected);
}

// Makes the access and checks its result; the pages are checked later.
static void make_access(const struct example *example)
{
    uint8_t *at = target(example);
    unsigned size = length(example);
    uint8_t bytes[64];
    switch (example->access) {
    case USER_READ: {
        uint32_t word;
        __asm__ volatile("movl %1, %0" : "=r"(word) : "m"(*at));
        memcpy(bytes, &word, 4);
        break;
    }
    case USER_WRITE: {
        uint32_t word;
        for (unsigned i = 0; i < 4; i++)
            bytes[i] = new_byte(example, i);
        memcpy(&word, bytes, 4);
        __asm__ volatile("movl %1, %0" : "=m"(*at) : "r"(word) : "memory");
        return;
    }
    case USER_EXECUTE:
        check_execution(example);
        return;
    case KERNEL_READ:
        seek(buffer_fd, 0);
        REQUIRE(write(buffer_fd, at, size) == (int)size, "write");
        seek(buffer_fd, 0);
        REQUIRE(read(buffer_fd, bytes, size) == (int)size, "read");
        break;
    case KERNEL_WRITE:
        for (unsigned i = 0; i < size; i++)
            bytes[i] = new_byte(example, i);
        seek(buffer_fd, 0);
        REQUIRE(write(buffer_fd, bytes, size) == (int)size, "write");
        seek(buffer_fd, 0);
        REQUIRE(read(buffer_fd, at, size) == (int)size, "read");
        return;
    case ACCESSES:
        return;
    }
    for (int which = 0; which < 2; which++) {
        const struct page *page = &example->pages[which];
        build(page, scratch);
        for (unsigned i = 0; i < size; i++) {
            unsigned offset = (unsigned)(at + i - page->at);
            REQUIRE(offset >= PAGE_SIZE || bytes[i] == scratch[offset],
                    "byte %u of page %d was read as %#x, should be %#x", offset, which + 1,
                    bytes[i], scratch[offset]);
        }
    }
}

// Whether the access stores to the page.
static bool stores_to(const struct example *example, int which)
{
    return is_store(example) && (which == 0 || example->span == ACROSS);
}

// Makes the access of one case; `room` tells whether pages stay where they are.
static void run_case(const struct example *example, bool room)
{
    unsigned frames[2];
    for (int which = 0; which < 2; which++) {
        const struct page *page = &example->pages[which];
        if (page->state == PINNED)
            REQUIRE(pin_pages(page->at, PAGE_SIZE, 1) == 0, "pin");
        frames[which] = physical(page->at);
    }
    make_access(example);
    for (int which = 0; which < 2; which++) {
        const struct page *page = &example->pages[which];
        check(example, which, page->at, true, "the process");
        unsigned now = physical(page->at);
        bool stays = page->state == PINNED || (room && page->state == SHARED) ||
                     (room && page->state == COW && !stores_to(example, which));
        REQUIRE(!stays || now == frames[which], "a %s page has moved", state_names[page->state]);
        bool moves = room && page->state == COW && stores_to(example, which);
        REQUIRE(!moves || now != frames[which], "a cow page was not copied");
        if (page->state == PINNED)
            REQUIRE(unpin_pages(page->at, PAGE_SIZE) == 0, "unpin");
    }
}

// Fails unless the file has what was stored to shared mappings, and nothing else.
static void check_file_page(const struct example *example, int which)
{
    static uint8_t bytes[PAGE_SIZE] __attribute__((aligned(4096)));
    const struct page *page = &example->pages[which];
    seek(pages_fd, page->number * PAGE_SIZE);
    REQUIRE(read(pages_fd, bytes, PAGE_SIZE) == PAGE_SIZE, "read page %u", page->number);
    if (page->state == PRIVATE_OUT)
        check_zero(bytes, PAGE_SIZE, "the file under a private mapping");
    else
        check(example, which, bytes, !is_private_file(page), "the file");
}

// What the child does: it sees the stores of its parent to shared pages, and no
// others.
static int look_on(const struct example *examples, unsigned count)
{
    await_file("go");
    for (unsigned i = 0; i < count; i++)
        for (int which = 0; which < 2; which++) {
            const struct page *page = &examples[i].pages[which];
            if (needs_fork(page))
                check(&examples[i], which, page->at, page->state == SHARED, "the child");
        }
    return 0;
}

// Code that zeros lead to.
static void prepare_landing(const struct example *example)
{
    const struct page *second = &example->pages[1];
    if (example->access != USER_EXECUTE || example->span == INSIDE || !holds_zeros(second))
        return;
    if (second->place == MAPPING)
        map_zero(second->at + PAGE_SIZE, 1);
    store(second->at + PAGE_SIZE, RET);
}

enum whose { FOR_CHILD, FOR_US };

// Prepares the pages that a child is to share, or all others; says whether there
// were any.
static bool prepare_all(const struct example *examples, unsigned count, enum whose whose)
{
    bool any = false;
    for (unsigned i = 0; i < count; i++)
        for (int which = 0; which < 2; which++) {
            const struct page *page = &examples[i].pages[which];
            if (needs_fork(page) == (whose == FOR_CHILD)) {
                prepare(page);
                any = true;
            }
        }
    return any;
}

// Checks the pages of a case for the last time, unmaps them, and checks the file.
static void clear_away(const struct example *example)
{
    const struct page *first = &example->pages[0];
    for (int which = 0; which < 2; which++)
        check(example, which, example->pages[which].at, true, "the process in the end");
    if (first->place == MAPPING)
        REQUIRE(munmap2(first->at, 3 * PAGE_SIZE) == 0, "munmap2");
    for (int which = 0; which < 2; which++)
        if (is_file(&example->pages[which]))
            check_file_page(example, which);
}

// Runs a batch of cases. Calls `announce` before each, to say what comes.
static void run_batch(const struct example *examples, unsigned count,
                      void announce(const struct example *))
{
    make_file("pages", NULL, 2 * count * PAGE_SIZE);
    make_file("buffer", NULL, 64);
    pages_fd = must_open("pages");
    buffer_fd = must_open("buffer");
    bool room = roomy(4 * count + 40);

    pid_t child = -1;
    if (prepare_all(examples, count, FOR_CHILD)) {
        child = must_fork();
        if (child == 0)
            exit(look_on(examples, count));
    }
    prepare_all(examples, count, FOR_US);
    for (unsigned i = 0; i < count; i++)
        prepare_landing(&examples[i]);
    for (unsigned i = 0; room && i < count; i++)
        for (int which = 0; which < 2; which++)
            verify(&examples[i].pages[which]);

    for (unsigned i = 0; i < count; i++) {
        announce(&examples[i]);
        run_case(&examples[i], room);
    }
    if (child > 0) {
        post_file("go");
        REQUIRE(wait(child) == 0, "the child");
        REQUIRE(remove("go"), "remove");
    }
    for (unsigned i = 0; i < count; i++)
        clear_away(&examples[i]);
    close(pages_fd);
    close(buffer_fd);
    REQUIRE(remove("pages") && remove("buffer"), "remove");
}

#endif
