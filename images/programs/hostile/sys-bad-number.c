// Has children make system calls with invalid numbers.
// shows: an unknown system call does no harm: an error, or the end of its process alone.
#include <test.h>

int main(int argc, char *argv[])
{
    static const int numbers[] = { -1, 50, 1000, 0x7fffffff, -2147483647 - 1 };
    if (argc > 1)
        return syscall(numbers[atoi(argv[1])], 0, 0, 0) == -1 ? -1 : 1;
    msg("begin");
    for (int i = 0; i < 5; i++) {
        char command[32];
        snprintf(command, sizeof command, "sys-bad-number %d", i);
        msg("call %d: %d", numbers[i], run(command));
    }
    msg("end");
    return 0;
}
