// Runs itself as a child and compares the frames of code, constants and data.
// shows: one frame holds a page of code for all processes that run it; data are private to each.
#include <pages.h>

static __attribute__((aligned(4096), noinline, used)) uint32_t code(void)
{
    return 11;
}

static const volatile uint32_t constants[2048] __attribute__((aligned(4096))) = { 22 };
static volatile uint32_t data[2048] __attribute__((aligned(4096))) = { 33 };

static void use_all(void)
{
    REQUIRE(code() == 11 && constants[0] == 22, "code or constants are wrong");
    data[0]++;
}

static unsigned frame(const volatile void *address)
{
    return physical((const void *)address) / PAGE_SIZE;
}

int main(int argc, char *argv[])
{
    bool room = roomy(64);
    use_all();
    if (argc == 4) {
        REQUIRE(data[0] == 34, "the data are %u", data[0]);
        REQUIRE(!room || frame((void *)code) == (unsigned)atoi(argv[1]), "another frame of code");
        REQUIRE(!room || frame(constants) == (unsigned)atoi(argv[2]), "another frame of constants");
        REQUIRE(!room || frame(data) != (unsigned)atoi(argv[3]), "the same frame of data");
        return 25;
    }
    msg("begin");
    for (int i = 0; i < 3; i++) {
        char command[64];
        use_all();
        snprintf(command, sizeof command, "share-exec %u %u %u", frame((void *)code),
                 frame(constants), frame(data));
        CHECK(run(command) == 25, "a child has the same code and other data");
    }
    CHECK(data[0] == 37, "the data are the parent's own");
    msg("end");
    return 0;
}
