// Has 40 children make 200 system calls each, with random numbers for all
// arguments; they may do anything but harm.
// shows: no arguments of system calls harm the kernel or other processes.
#include <random.h>
#include <test.h>

static uint32_t random_argument(void)
{
    static char buffer[64] = "fuzz";
    switch (random_below(6)) {
    case 0:
        return random_below(10);
    case 1:
        return (uint32_t)(buffer + random_below(sizeof buffer));
    case 2:
        return PHYS_BASE - random_below(20);
    case 3:
        return -random_below(10);
    case 4:
        return random_below(100000);
    default:
        return random_next();
    }
}

static void make_calls(uint32_t seed)
{
    // Without halt, exit, exec and wait, and without what would reach the console.
    static const int calls[] = { SYS_CREATE, SYS_REMOVE, SYS_OPEN, SYS_FILESIZE, SYS_READ,
                                 SYS_WRITE,  SYS_SEEK,   SYS_TELL, SYS_CLOSE };
    random_init(seed);
    for (int i = 0; i < 200; i++) {
        int call = calls[random_below(sizeof calls / sizeof *calls)];
        uint32_t first = random_argument();
        if ((call == SYS_WRITE || call == SYS_READ) && first < 2)
            first += 2;
        syscall(call, first, random_argument(), random_argument());
    }
}

int main(int argc, char *argv[])
{
    if (argc > 1) {
        make_calls((uint32_t)atoi(argv[1]));
        // It need not get this far.
        exit(-1);
    }
    msg("begin");
    for (int i = 0; i < 40; i++) {
        char command[32];
        snprintf(command, sizeof command, "sys-fuzz %d", i);
        REQUIRE(run(command) == -1, "child %d", i);
    }
    msg("end");
    return 0;
}
