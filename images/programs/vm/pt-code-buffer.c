// Writes its own code to a file, and tries to read it back into place.
// shows: code can be the source of a system call, not its target, on pages of both kinds.
#include <test.h>

int main(int argc, char *argv[]);

// Code of the program, two pages of it with what the library adds.
#define CODE ((char *)0x08048000)
#define SIZE 3000

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        read(must_open("code"), CODE, SIZE);
        fail("still alive");
    }
    msg("begin");
    CHECK(create("code", SIZE), "create \"code\"");
    CHECK(write(must_open("code"), CODE, SIZE) == SIZE, "write code to a file");
    check_file("code", CODE, SIZE);
    msg("child's status is %d", run("pt-code-buffer child"));
    msg("end");
    return 0;
}
