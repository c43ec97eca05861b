// Starts itself with one number after the other and compares the statuses.
// shows: a status is an int of 32 bits, of either sign.
#include <test.h>

int main(int argc, char *argv[])
{
    if (argc > 1)
        return atoi(argv[1]);
    static const int codes[] = { 0, 1, -1, 255, 256, -256, 65536, 2147483647, -2147483647 };
    msg("begin");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char command[32];
        snprintf(command, sizeof command, "exit-codes %d", codes[i]);
        int status = run(command);
        REQUIRE(status == codes[i], "status is %d, should be %d", status, codes[i]);
    }
    msg("end");
    return 0;
}
