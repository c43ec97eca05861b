// Has children read and write with sizes that wrap around or end in the kernel.
// shows: a buffer is checked to its end, whatever the size.
// needs: sample.txt
#include <test.h>

static char buffer[100];

static void wrong_size(int number)
{
    int fd = must_open("sample.txt");
    switch (number) {
    case 0:
        read(fd, buffer, 0xffffffff);
        break;
    case 1:
        write(STDOUT_FILENO, buffer, 0xffffffff);
        break;
    case 2:
        write(STDOUT_FILENO, buffer, 0x80000000);
        break;
    case 3:
        write(fd, (char *)0xbffffff0, 0x20);
        break;
    case 4:
        read(fd, (char *)0xfffffff0, 0x20);
        break;
    default:
        write(fd, (char *)0xfffffff0, 0x08048000 + 0x20);
    }
    fail("still alive");
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        wrong_size(atoi(argv[1]));
    msg("begin");
    for (int i = 0; i < 6; i++) {
        char command[32];
        snprintf(command, sizeof command, "sys-bad-size %d", i);
        msg("size %d: %d", i, run(command));
    }
    msg("end");
    return 0;
}
