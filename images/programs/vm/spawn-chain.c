// A chain of 100 processes, each of which starts the next and waits for it.
// shows: a hundred processes at once, all but one asleep, with a page of data each.
#include <random.h>
#include <test.h>

static char data[PAGE_SIZE];

int main(int argc, char *argv[])
{
    int depth = argc > 1 ? atoi(argv[1]) : 1;
    if (depth == 1)
        msg("begin");
    random_init((uint32_t)depth);
    random_xor(data, sizeof data);
    if (depth < 100) {
        char command[32];
        snprintf(command, sizeof command, "spawn-chain %d", depth + 1);
        int status = run(command);
        REQUIRE(status == 77, "process %d has status %d", depth + 1, status);
    }
    random_init((uint32_t)depth);
    random_xor(data, sizeof data);
    for (size_t i = 0; i < sizeof data; i++)
        REQUIRE(data[i] == 0, "byte %zu of process %d changed", i, depth);
    if (depth > 1)
        return 77;
    msg("end");
    return 0;
}
