/* Times of files: what sets them, what programs say they are, and who keeps them. */
#include "linux.h"

enum { NOW = 0x3fffffff, OMIT = 0x3ffffffe, NO_FOLLOW = 0x100, EMPTY_PATH = 0x1000, HERE = -100 };

struct stamp {
    int seconds, nanoseconds;
};
struct stamps {
    struct stamp accessed, modified, changed;
};

static char buffer[4096];
static const struct stamp OLD[2] = {{1000, 111}, {2000, 222}};

static struct stamps stamps_of(const char *name) {
    check(call(STAT64, name, buffer) == 0);
    return *(struct stamps *)(buffer + 64);
}

static int is(struct stamp stamp, int seconds, int nanoseconds) {
    return stamp.seconds == seconds && stamp.nanoseconds == nanoseconds;
}

/* Since the last OLD: a bit each for accessed, modified and changed. The clock of files may be behind by a tick. */
static int touched(const char *name) {
    struct stamps stamps = stamps_of(name);
    return (stamps.accessed.seconds > 100000) << 2 | (stamps.modified.seconds > 100000) << 1 |
           (stamps.changed.seconds > 100000);
}

/* Makes the times old that can be said. */
static void age(const char *name) {
    check(call(UTIMENSAT, HERE, name, OLD, 0) == 0);
    check(is(stamps_of(name).accessed, 1000, 111) && is(stamps_of(name).modified, 2000, 222));
    check(touched(name) == 1);
}

static int make(const char *name) {
    int fd = call(OPEN, name, O_RDWR | O_CREAT, 0644);
    check(fd >= 0);
    return fd;
}

static void touches(void) {
    check(call(MKDIR, "d", 0755) == 0);
    show(touched("d"));
    age("d");
    int fd = make("d/f");
    show(touched("d/f"));
    show(touched("d") & 3);

    age("d/f");
    age("d");
    show(call(WRITE, fd, "abc", 3));
    show(touched("d/f"));
    show(touched("d"));
    age("d/f");
    show(call(WRITE, fd, "abc", 0));
    show(touched("d/f"));
    show(call(PWRITE64, fd, "xyz", 3, 10, 0));
    show(touched("d/f"));
    age("d/f");
    show(call(FTRUNCATE, fd, 5));
    show(touched("d/f"));
    age("d/f");
    call(CLOSE, call(OPEN, "d/f", O_RDWR | O_TRUNC));
    show(touched("d/f"));
    age("d/f");
    call(CLOSE, call(OPEN, "d/f", O_RDWR | O_CREAT, 0600));
    show(touched("d/f"));
    show(call(CHMOD, "d/f", 0600));
    show(is(stamps_of("d/f").modified, 2000, 222));

    /* A name that comes and one that goes; the file keeps what it has. */
    age("d");
    show(call(RENAME, "d/f", "d/g"));
    show(is(stamps_of("d/g").modified, 2000, 222));
    show(touched("d") & 3);
    age("d");
    show(call(UNLINK, "d/g"));
    show(touched("d") & 3);
    age("d");
    show(call(MKDIR, "d/e", 0700));
    show(touched("d") & 3);
    age("d");
    show(call(RMDIR, "d/e"));
    show(touched("d") & 3);
    call(CLOSE, fd);
    /* A new file of an old name begins anew. */
    fd = make("d/g");
    show(touched("d/g"));
    call(CLOSE, fd);
}

static void says(void) {
    int fd = make("f");
    struct stamp said[2] = {{5, OMIT}, {7, 8}};
    age("f");
    show(call(UTIMENSAT, HERE, "f", said, 0));
    show(is(stamps_of("f").accessed, 1000, 111));
    show(is(stamps_of("f").modified, 7, 8));
    said[0] = (struct stamp){9, 10};
    said[1] = (struct stamp){9, NOW};
    show(call(UTIMENSAT, HERE, "f", said, NO_FOLLOW));
    show(is(stamps_of("f").accessed, 9, 10));
    show(touched("f"));
    age("f");
    said[0].nanoseconds = said[1].nanoseconds = OMIT;
    show(call(UTIMENSAT, HERE, "f", said, 0));
    show(is(stamps_of("f").modified, 2000, 222));
    show(call(UTIMENSAT, HERE, "f", 0, 0));
    show(touched("f"));
    show(call(UTIMENSAT, fd, 0, OLD, 0));
    show(is(stamps_of("f").modified, 2000, 222));
    said[0] = said[1] = (struct stamp){3, 4};
    show(call(UTIMENSAT, fd, "", said, EMPTY_PATH));
    show(is(stamps_of("f").modified, 3, 4));
    long long wide[4] = {11, 12, 13, 14};
    show(call(UTIMENSAT_TIME64, HERE, "f", wide, 0));
    show(is(stamps_of("f").accessed, 11, 12));
    show(is(stamps_of("f").modified, 13, 14));

    static const int whole[2] = {21, 22};
    show(call(UTIME, "f", whole));
    show(is(stamps_of("f").accessed, 21, 0));
    show(is(stamps_of("f").modified, 22, 0));
    show(call(UTIME, "f", 0));
    show(touched("f"));
    static const int values[4] = {31, 32, 33, 34};
    show(call(UTIMES, "f", values));
    show(is(stamps_of("f").accessed, 31, 32000));
    show(is(stamps_of("f").modified, 33, 34000));
    show(call(UTIMES, "f", 0));
    show(touched("f"));
    show(call(FUTIMESAT, HERE, "f", values));
    show(is(stamps_of("f").modified, 33, 34000));
    static const struct stamp before[2] = {{-5, 1}, {-6, 2}};
    show(call(UTIMENSAT, HERE, "f", before, 0));
    show(is(stamps_of("f").accessed, -5, 1));
    show(is(stamps_of("f").modified, -6, 2));

    /* If nothing is to change, nothing is looked at; what is wrong is seen once there is something. */
    said[0].nanoseconds = said[1].nanoseconds = OMIT;
    show(call(UTIMENSAT, HERE, "nothing", said, 0));
    show(call(UTIMENSAT, 77, 0, said, 0x40));
    said[0].nanoseconds = 1000000000;
    show(call(UTIMENSAT, HERE, "f", said, 0));
    show(call(UTIMENSAT, HERE, "nothing", said, 0));
    show(call(UTIMENSAT, fd, 0, said, 0));
    show(call(UTIMENSAT, fd, 0, OLD, NO_FOLLOW));
    show(call(UTIMENSAT, HERE, 0, OLD, 0));
    show(call(UTIMES, 0, 0));
    check(call(MKDIR, "here", 0755) == 0 && call(CHDIR, "here") == 0);
    show(call(UTIMENSAT, HERE, "", OLD, EMPTY_PATH));
    show(is(stamps_of(".").modified, 2000, 222));
    show(call(FSTATAT64, HERE, "", buffer, EMPTY_PATH));
    check(call(CHDIR, "..") == 0 && call(RMDIR, "here") == 0);
    static const int many[4] = {1, 1000000, 1, 1};
    show(call(UTIMES, "f", many));
    show(call(UTIMENSAT, HERE, "nothing", OLD, 0));
    show(call(UTIMENSAT, HERE, "f/x", OLD, 0));
    show(call(UTIMENSAT, HERE, "", OLD, 0));
    show(call(UTIMENSAT, HERE, "f", OLD, 0x40));
    show(call(UTIMENSAT, 77, 0, OLD, 0));
    show(call(UTIMENSAT, HERE, "f", 0x10000000, 0));
    show(call(UTIMENSAT, HERE, 0x10000000, OLD, 0));
    /* What is open stays what it is, whatever has its name. */
    check(call(RENAME, "f", "g") == 0);
    int other = make("f");
    age("f");
    said[0] = said[1] = (struct stamp){41, 42};
    show(call(UTIMENSAT, fd, 0, said, 0));
    show(is(stamps_of("g").modified, 41, 42));
    show(is(stamps_of("f").modified, 2000, 222));
    check(call(UNLINK, "g") == 0);
    show(call(UTIMENSAT, fd, 0, said, 0));
    show(is(stamps_of("f").modified, 2000, 222));
    call(CLOSE, other);
    call(CLOSE, fd);
    check(call(UNLINK, "f") == 0);
}

static void maps(void) {
    int fd = make("m");
    check(call(FTRUNCATE, fd, PAGE) == 0);
    age("m");
    char *mapped = (char *)call(MMAP2, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(mapped < (char *)-4096);
    mapped[5] = 'x';
    show(call(MSYNC, mapped, PAGE, 4));
    show(call(MUNMAP, mapped, PAGE));
    show(touched("m") & 3);
    age("m");
    mapped = (char *)call(MMAP2, 0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    check(mapped[5] == 'x');
    show(is(stamps_of("m").modified, 2000, 222));
    call(CLOSE, fd);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    touches();
    says();
    maps();
    return 0;
}
