// Starts children that all run one program of 56 pages, as many as its argument
// says (8 if there is none), waits until all are there and have run all of it,
// lets them go and adds up what they computed.
// shows: processes that run one program share its code: each has just what it writes for itself.
// needs: child-share
#include <pages.h>

#define MOST 200

int main(int argc, char *argv[])
{
    static pid_t children[MOST];
    int count = argc > 1 ? atoi(argv[1]) : 8;
    msg("begin");
    REQUIRE(count >= 0 && count <= MOST, "there can be 0 to %d children", MOST);
    for (int i = 0; i < count; i++) {
        char command[32];
        snprintf(command, sizeof command, "child-share %d", i);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 0; i < count; i++) {
        char file[16];
        snprintf(file, sizeof file, "ready%d", i);
        await_file(file);
    }
    msg("children that have run all of their code: %d", count);
    post_file("go");
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += wait(children[i]);
    CHECK(sum == 42 * count, "their results add up to %d", sum);
    msg("end");
    return 0;
}
