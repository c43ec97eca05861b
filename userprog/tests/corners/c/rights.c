/* Rights: what a file is made with, what a mask leaves of it, what changes it, and who keeps it. */
#include "linux.h"

static char buffer[4096];

/* The bits of a name's mode that can be changed, or an error. */
static int rights_of(const char *name) {
    int error = call(STAT64, name, buffer);
    return error < 0 ? error : *(int *)(buffer + 16) & 07777;
}

static int rights_of_open(int fd) {
    int error = call(FSTAT64, fd, buffer);
    return error < 0 ? error : *(int *)(buffer + 16) & 07777;
}

static int make(const char *name, int rights) {
    int fd = call(OPEN, name, O_RDWR | O_CREAT, rights);
    check(fd >= 0);
    return fd;
}

static void makes(void) {
    static const int asked[] = {0, 0777, 0666, 0644, 0400, 0111, 04755, 02750, 01777};
    static const int masks[] = {0, 022, 077, 0777};
    for (int mask = 0; mask < 4; mask++) {
        call(UMASK, masks[mask]);
        for (int at = 0; at < 9; at++) {
            int fd = make("f", asked[at]);
            show(rights_of("f"));
            show(rights_of_open(fd));
            call(CLOSE, fd);
            /* What is there already keeps its own. */
            check(call(CHMOD, "f", 0600) == 0);
            call(CLOSE, make("f", 0123));
            show(rights_of("f"));
            check(call(UNLINK, "f") == 0);
            show(call(MKDIR, "d", asked[at] & 01777));
            show(rights_of("d"));
            check(call(RMDIR, "d") == 0);
        }
        call(CLOSE, call(CREAT, "f", 0751));
        show(rights_of("f"));
        check(call(UNLINK, "f") == 0);
    }
    call(UMASK, 022);
}

static void changes(void) {
    int fd = make("f", 0644);
    show(call(CHMOD, "f", 0600));
    show(rights_of("f"));
    show(call(CHMOD, "f", 0107777));
    show(rights_of("f"));
    show(call(FCHMOD, fd, 0640));
    show(rights_of("f"));
    show(call(FCHMODAT, -100, "f", 0755));
    show(rights_of("f"));
    show(rights_of_open(fd));
    show(call(CHMOD, "nothing", 0600));
    show(call(CHMOD, "f/", 0600));
    show(call(CHMOD, "f/x", 0600));
    show(call(CHMOD, "", 0600));
    show(call(CHMOD, (char *)0x10000000, 0600));
    show(call(FCHMOD, 77, 0600));
    show(call(FCHMODAT, 77, "f", 0600));
    /* Without its name it still has them to change. */
    check(call(UNLINK, "f") == 0);
    show(call(FCHMOD, fd, 0600));
    call(CLOSE, fd);
    /* Another one of that name begins anew. */
    call(CLOSE, make("f", 0640));
    show(rights_of("f"));
    /* What is open stays what it is, whatever has its name. */
    fd = make("old", 0644);
    check(call(RENAME, "old", "new") == 0);
    call(CLOSE, make("old", 0604));
    show(call(FCHMOD, fd, 0640));
    show(rights_of("new"));
    show(rights_of("old"));
    check(call(UNLINK, "new") == 0);
    show(call(FCHMOD, fd, 0600));
    show(rights_of("old"));
    call(CLOSE, fd);
    check(call(UNLINK, "old") == 0);
    check(call(MKDIR, "d", 0755) == 0);
    show(call(CHMOD, "d", 01700));
    show(rights_of("d"));
    show(call(CHMOD, "d/", 0711));
    show(rights_of("d/."));
}

/* They go with the file, and what it takes the place of loses its own. */
static void moves(void) {
    call(CLOSE, make("g", 0601));
    show(call(RENAME, "g", "d/g"));
    show(rights_of("d/g"));
    show(call(RENAME, "d/g", "f"));
    show(rights_of("f"));
    show(call(RENAME, "f", "f"));
    show(rights_of("f"));
    show(call(RENAME, "d", "e"));
    show(rights_of("e"));
    call(CLOSE, make("g", 0640));
    show(rights_of("g"));
    check(call(UNLINK, "g") == 0);
    check(call(RMDIR, "e") == 0);
}

/* Whoever nobody may execute is no program, and who executes is no question of who may read. */
static void executes(void) {
    static char *arguments[] = {"main", "no test", 0};
    static char text[] = "#!/main no_test\n";
    int status, fd = make("s", 0644);
    check(call(WRITE, fd, text, sizeof text - 1) == sizeof text - 1);
    call(CLOSE, fd);
    show(call(ACCESS, "s", 1));
    show(call(EXECVE, "s", arguments, 0));
    show(call(CHMOD, "s", 0100));
    show(call(ACCESS, "s", 1));
    show(call(CHMOD, "s", 0));
    show(call(ACCESS, "s", 1));
    show(call(CHMOD, "main", 0644));
    show(call(EXECVE, "main", arguments, 0));
    show(call(CHMOD, "main", 0711));
    int child = call(FORK);
    if (child == 0) {
        call(EXECVE, "main", arguments, 0);
        call(EXIT_GROUP, 77);
    }
    show(call(WAITPID, child, &status, 0) == child);
    show(status);
    check(call(UNLINK, "s") == 0);
}

int test(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return 0;
    makes();
    changes();
    moves();
    executes();
    check(call(UNLINK, "f") == 0);
    return 0;
}
