// Has a child run "int n" for each n from 0 to 255 but 0x30.
// shows: no software interrupt other than the system call gets a program anywhere.
#include <test.h>

// Writes the instruction and a return on the stack and calls it.
static int run_interrupt(uint8_t number)
{
    volatile uint8_t code[] = { 0xcd, number, 0xc3 };
    ((void (*)(void))(uintptr_t)code)();
    return 1;
}

int main(int argc, char *argv[])
{
    if (argc > 1)
        return run_interrupt((uint8_t)atoi(argv[1]));
    int killed = 0;
    msg("begin");
    for (int number = 0; number < 256; number++) {
        char command[32];
        if (number == 0x30)
            continue;
        snprintf(command, sizeof command, "priv-int %d", number);
        int status = run(command);
        REQUIRE(status == -1, "int %d: status %d", number, status);
        killed++;
    }
    msg("%d of 255 were killed", killed);
    msg("end");
    return 0;
}
