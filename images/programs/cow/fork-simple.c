// Forks, and waits for the child.
// shows: fork returns twice, and the child is a process of its own.
#include <pages.h>

TEST
{
    pid_t parent = getpid();
    pid_t child = fork();
    REQUIRE(child >= 0, "fork returned %d", child);
    if (child == 0) {
        REQUIRE(getpid() != parent, "the child has its parent's pid");
        CHECK(wait(parent) == -1, "the parent is no child of the child's");
        exit(81);
    }
    int status = wait(child);
    REQUIRE(child != parent && getpid() == parent, "the pids are mixed up");
    CHECK(status == 81, "the child's status is %d", status);
    CHECK(wait(child) == -1, "a second wait");
}
