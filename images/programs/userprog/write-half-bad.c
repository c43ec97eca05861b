// Writes from a buffer that ends in memory which is not there.
// shows: a buffer that is only partly valid ends the process, and the file stays as it was.
#include <test.h>

static void write_over_the_end(void)
{
    int fd = must_open("kept");
    // The last 100 bytes of user memory, and 100 bytes of the kernel.
    write(fd, (char *)PHYS_BASE - 100, 200);
    fail("still alive");
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1)
        write_over_the_end();
    static const char zeros[200];
    msg("begin");
    CHECK(create("kept", sizeof zeros), "create \"kept\"");
    msg("child's status is %d", run("write-half-bad child"));
    check_file("kept", zeros, sizeof zeros);
    msg("end");
    return 0;
}
