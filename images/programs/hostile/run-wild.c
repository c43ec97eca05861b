// Has 60 children fill memory with random bytes and run them.
// shows: no code, whatever it is, harms the kernel or other processes.
#include <random.h>
#include <test.h>

static uint8_t code[256];

// Random bytes, but none that could start a system call, print or loop: those
// of INT, and of short and near jumps backwards, are replaced.
static void make_code(uint32_t seed)
{
    random_init(seed);
    random_bytes(code, sizeof code);
    for (size_t i = 0; i < sizeof code; i++) {
        uint8_t byte = code[i];
        bool jumps = byte >= 0x70 && byte < 0x90;
        bool loops = byte >= 0xe0 && byte < 0xec;
        if (byte == 0xcd || jumps || loops || byte == 0xff || byte == 0xc3)
            code[i] = 0x90;
    }
    // A child that reaches the end is killed there.
    memset(code + sizeof code - 16, 0xf4, 16);
}

int main(int argc, char *argv[])
{
    if (argc > 1) {
        make_code((uint32_t)atoi(argv[1]));
        ((void (*)(void))(uintptr_t)code)();
        // It need not get this far.
        exit(-1);
    }
    msg("begin");
    for (int i = 0; i < 60; i++) {
        char command[32];
        snprintf(command, sizeof command, "run-wild %d", i);
        run(command);
    }
    msg("60 children have ended");
    msg("end");
    return 0;
}
