// Forks until that is refused, lets the children go, and forks again; twice.
// shows: a fork that fails returns an error, and leaves nothing behind.
#include <pages.h>

#define MOST 1000

static pid_t children[MOST];

// Returns how many children there could be.
static int fork_all(const char *go)
{
    int count = 0;
    while (count < MOST) {
        pid_t child = fork();
        if (child == 0) {
            await_file(go);
            exit(0);
        }
        if (child < 0) {
            REQUIRE(child == -EAGAIN, "fork returned %d", child);
            break;
        }
        children[count++] = child;
    }
    post_file(go);
    for (int i = 0; i < count; i++)
        REQUIRE(wait(children[i]) == 0, "child %d", i);
    return count;
}

TEST
{
    int first = fork_all("go1");
    msg("%d children", first);
    int second = fork_all("go2");
    CHECK(second == first, "and %d again", second);
}
