/* Memory: the heap, mappings of nothing and of files, holes, rights, moving, advice. */
#include "linux.h"

#define NOWHERE ((void *)0x10000000)
#define AT ((char *)0x20000000)
#define ANY (PROT_READ | PROT_WRITE)
#define OWN (MAP_PRIVATE | MAP_ANONYMOUS)

static char buffer[PAGE];

/* Whether memory may be read, and written, as calls see it: through a pipe and back. */
static int rights(char *at) {
    int ends[2];
    check(call(PIPE, ends) == 0);
    int readable = call(WRITE, ends[1], at, 1) == 1, writable = 0;
    if (readable)
        writable = call(READ, ends[0], at, 1) == 1;
    call(CLOSE, ends[0]);
    call(CLOSE, ends[1]);
    return readable + 2 * writable;
}

static void fresh(int count) {
    check((char *)call(MMAP2, AT, count * PAGE, ANY, OWN | MAP_FIXED, -1, 0) == AT);
    for (int page = 0; page < count; page++)
        AT[page * PAGE] = 'a' + page;
}

static void heap(void) {
    char *start = (char *)call(BRK, 0);
    show((int)start % PAGE);
    show(call(BRK, start - 1) == (long)start);
    show(call(BRK, start + 3 * PAGE + 5) == (long)start + 3 * PAGE + 5);
    start[3 * PAGE + 4] = 1;
    start[2 * PAGE] = 2;
    show(rights(start + 3 * PAGE + 6));
    show(call(BRK, start + PAGE) == (long)start + PAGE);
    show(rights(start + 2 * PAGE));
    show(call(BRK, start + 4 * PAGE) == (long)start + 4 * PAGE);
    show(start[2 * PAGE] + start[3 * PAGE + 4]);
    show(call(BRK, start) == (long)start);
    /* Something is in its way. */
    show(call(MMAP2, start + 2 * PAGE, PAGE, ANY, OWN | MAP_FIXED_NOREPLACE, -1, 0) == (long)start + 2 * PAGE);
    show(call(BRK, start + 3 * PAGE) == (long)start);
    show(call(BRK, start + 2 * PAGE) == (long)start + 2 * PAGE);
    show(call(MUNMAP, start, 3 * PAGE));
}

static void holes(void) {
    fine(call(MMAP2, 0, 0, ANY, OWN, -1, 0));
    fine(call(MMAP2, 0, PAGE, ANY, MAP_ANONYMOUS, -1, 0));
    fine(call(MMAP2, 0, PAGE, ANY, MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    fine(call(MMAP2, 0, -1, ANY, OWN, -1, 0));
    fine(call(MMAP2, AT + 1, PAGE, ANY, OWN | MAP_FIXED, -1, 0));
    fine(call(MMAP2, AT, PAGE, 0x40, OWN, -1, 0));
    fine(call(MMAP2, 0, PAGE, ANY, MAP_PRIVATE, -1, 0));
    fine(call(MMAP2, 0, 0, ANY, MAP_PRIVATE, 99, 0));
    fresh(6);
    fine(call(MMAP2, AT + 2 * PAGE, PAGE, ANY, OWN | MAP_FIXED_NOREPLACE, -1, 0));
    show(AT[2 * PAGE]);
    fine(call(MMAP2, AT + 2 * PAGE, 10, ANY, OWN | MAP_FIXED, -1, 0));
    show(AT[2 * PAGE]);
    show(AT[3 * PAGE]);
    /* A place that is taken is only a wish. */
    show(call(MMAP2, AT, PAGE, ANY, OWN, -1, 0) != (long)AT);
    show(call(MUNMAP, AT + 2 * PAGE, PAGE));
    show(call(MUNMAP, AT + 2 * PAGE, PAGE));
    show(call(MUNMAP, AT + 5 * PAGE, 1));
    show(call(MUNMAP, AT + 1, PAGE));
    show(call(MUNMAP, AT, 0));
    show(call(MUNMAP, 0xfffff000, PAGE));
    show(call(MUNMAP, AT, -1));
    show(rights(AT + PAGE) + 10 * rights(AT + 2 * PAGE) + 100 * rights(AT + 3 * PAGE) + 1000 * rights(AT + 5 * PAGE));
    show(call(MUNMAP, AT, 6 * PAGE));
}

static void protection(void) {
    fresh(4);
    show(call(MUNMAP, AT + 2 * PAGE, PAGE));
    show(call(MPROTECT, AT, PAGE, PROT_NONE));
    show(rights(AT));
    show(call(MPROTECT, AT, PAGE, ANY));
    show(AT[0]);
    /* What is before a hole changes, what is behind it does not. */
    show(call(MPROTECT, AT, 4 * PAGE, PROT_READ));
    show(rights(AT) + 10 * rights(AT + PAGE) + 100 * rights(AT + 3 * PAGE));
    show(call(MPROTECT, AT + 2 * PAGE, 2 * PAGE, PROT_READ));
    show(rights(AT + 3 * PAGE));
    show(call(MPROTECT, AT + 1, PAGE, PROT_READ));
    show(call(MPROTECT, AT, 0, PROT_READ));
    show(call(MPROTECT, AT, PAGE, 0x40));
    show(call(MPROTECT, AT, -1, PROT_READ));
    show(call(MPROTECT, NOWHERE, PAGE, PROT_READ));
    show(call(MUNMAP, AT, 4 * PAGE));
}

static void advice(void) {
    fresh(4);
    show(call(MUNMAP, AT + PAGE, PAGE));
    show(call(MADVISE, AT, 4 * PAGE, 4)); /* MADV_DONTNEED */
    show(AT[0] + AT[2 * PAGE] + AT[3 * PAGE]);
    show(call(MADVISE, AT + 1, PAGE, 4));
    show(call(MADVISE, AT, 0, 4));
    show(call(MADVISE, AT, 0, 99));
    show(call(MADVISE, AT, PAGE, 99));
    show(call(MADVISE, AT, -1, 4));
    show(call(MADVISE, AT, 2 * PAGE, 0)); /* MADV_NORMAL */
    show(call(MINCORE, AT, PAGE, buffer));
    show(call(MINCORE, AT, 0, buffer));
    show(call(MINCORE, AT + 1, PAGE, buffer));
    show(call(MINCORE, AT, 4 * PAGE, buffer));
    show(call(MINCORE, AT, PAGE, NOWHERE));
    show(call(MSYNC, AT, PAGE, 4));
    show(call(MSYNC, AT, PAGE, 1));
    show(call(MSYNC, AT, PAGE, 5));
    show(call(MSYNC, AT, PAGE, 8));
    show(call(MSYNC, AT, PAGE, 0));
    show(call(MSYNC, AT, 0, 4));
    show(call(MSYNC, AT + 1, PAGE, 4));
    show(call(MSYNC, AT + 1, 0, 4));
    show(call(MSYNC, AT, 4 * PAGE, 4));
    show(call(MUNMAP, AT, 4 * PAGE));
}

static void moves(void) {
    char *to = AT + 64 * PAGE, *moved;
    fresh(4);
    fine(call(MREMAP, AT + 1, PAGE, PAGE, 0));
    fine(call(MREMAP, AT, PAGE, 0, 0));
    fine(call(MREMAP, AT, PAGE, PAGE, 8));
    fine(call(MREMAP, AT, PAGE, PAGE, 2));
    fine(call(MREMAP, NOWHERE, PAGE, 2 * PAGE, 1));
    fine(call(MREMAP, AT, 0, PAGE, 1));
    fine(call(MREMAP, AT, PAGE, 3 * PAGE, 0));
    show(call(MREMAP, AT, 4 * PAGE, 3 * PAGE, 0) == (long)AT);
    show(rights(AT + 3 * PAGE));
    show(call(MREMAP, AT, 3 * PAGE, 4 * PAGE, 0) == (long)AT);
    show(AT[2 * PAGE] + AT[3 * PAGE]);
    moved = (char *)call(MREMAP, AT, 2 * PAGE, 5 * PAGE, 1);
    show(moved[0] + moved[PAGE] + moved[4 * PAGE]);
    show(rights(AT) + 10 * rights(AT + 2 * PAGE));
    show(call(MREMAP, moved, 5 * PAGE, 2 * PAGE, 3, to) == (long)to);
    show(to[0] + to[PAGE]);
    show(rights(moved) + 10 * rights(to + 2 * PAGE));
    fine(call(MREMAP, to, 2 * PAGE, 2 * PAGE, 3, to + PAGE));
    fine(call(MREMAP, to, 2 * PAGE, 2 * PAGE, 3, to + 1));
    /* Only to be read. */
    show(call(MPROTECT, to, 2 * PAGE, PROT_READ));
    moved = (char *)call(MREMAP, to, 2 * PAGE, 2 * PAGE, 3, AT);
    show(moved == AT);
    show(AT[0] + AT[PAGE]);
    show(rights(AT));
    show(call(MUNMAP, AT, 4 * PAGE));
}

static void of_files(void) {
    int fd = call(OPEN, "mapped", O_RDWR | O_CREAT | O_TRUNC, 0644), only = call(OPEN, "mapped", O_RDONLY);
    int ends[2];
    check(call(PIPE, ends) == 0);
    check(call(FTRUNCATE, fd, PAGE + 100) == 0);
    fine(call(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
    fine(call(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
    fine(call(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, ends[1], 0));
    fine(call(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, call(OPEN, ".", 0), 0));
    fine(call(MMAP2, 0, PAGE, ANY, MAP_SHARED, only, 0));
    int blind = call(OPEN, "mapped", O_WRONLY);
    fine(call(MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE, blind, 0));
    fine(call(MMAP2, 0, PAGE, PROT_WRITE, MAP_SHARED, blind, 0));
    char *shared = (char *)call(MMAP2, 0, 2 * PAGE, ANY, MAP_SHARED, fd, 0);
    char *own = (char *)call(MMAP2, 0, 2 * PAGE, ANY, MAP_PRIVATE, only, 0);
    char *second = (char *)call(MMAP2, 0, PAGE, ANY, MAP_SHARED, fd, 1);
    call(CLOSE, fd);
    shared[0] = 's';
    second[1] = 't';
    second[200] = 'e';
    show(own[0]);
    show(own[PAGE + 1]);
    show(shared[PAGE + 200]);
    own[2] = 'o';
    show(shared[2]);
    show(call(PREAD64, only, buffer, 3, 0, 0));
    show(buffer[0] + buffer[2]);
    show(call(PREAD64, only, buffer, 300, PAGE, 0));
    show(buffer[1]);
    fd = call(OPEN, "mapped", O_RDWR);
    check(call(PWRITE64, fd, "wr", 2, 2, 0) == 2);
    show(shared[2] + shared[3]);
    show(own[2]);
    /* It is copied page by page. */
    show(own[3]);
    int child = call(FORK);
    if (child == 0) {
        shared[4] = 'c';
        own[4] = 'x';
        call(EXIT_GROUP, 0);
    }
    check(call(WAITPID, child, 0, 0) == child);
    show(shared[4]);
    show(own[4]);
    show(call(MPROTECT, (char *)call(MMAP2, 0, PAGE, PROT_READ, MAP_SHARED, only, 0), PAGE, ANY));
    show(call(MSYNC, shared, 2 * PAGE, 4));
    show(call(MUNMAP, shared, PAGE));
    second[0] = 'm';
    show(call(PREAD64, fd, buffer, 1, PAGE, 0));
    show(buffer[0]);
    char *zeros = (char *)call(MMAP2, 0, PAGE, ANY, MAP_PRIVATE, call(OPEN, "/dev/zero", O_RDWR), 0);
    show((unsigned long)zeros < -4096ul ? zeros[5]++ : -1);
    /* Memory that a child shares, without a file. */
    volatile char *common = pages(2, 1);
    child = call(FORK);
    if (child == 0) {
        common[PAGE] = 'y';
        call(EXIT_GROUP, 0);
    }
    check(call(WAITPID, child, 0, 0) == child);
    show(common[PAGE]);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    /* What the host's shell has left open. */
    call(CLOSE_RANGE, 3, -1, 0);
    heap();
    holes();
    protection();
    advice();
    moves();
    of_files();
    return 0;
}
