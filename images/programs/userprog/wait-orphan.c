// Has a child that starts a child of its own and writes its pid to a file;
// waits for that grandchild.
// shows: a grandchild is not a child, even after its parent has ended.
// needs: child-simple
#include <test.h>

static void become_parent(void)
{
    pid_t child = exec("child-simple");
    wait(child);
    int fd = must_open("pid");
    REQUIRE(write(fd, &child, sizeof child) == sizeof child, "write \"pid\"");
}

int main(int argc, char *argv[])
{
    (void)argv;
    if (argc > 1) {
        become_parent();
        return 5;
    }
    msg("begin");
    CHECK(create("pid", sizeof(pid_t)), "create \"pid\"");
    msg("child's status is %d", run("wait-orphan child"));
    pid_t grandchild;
    int fd = must_open("pid");
    REQUIRE(read(fd, &grandchild, sizeof grandchild) == sizeof grandchild, "read \"pid\"");
    msg("wait(grandchild) = %d", wait(grandchild));
    msg("end");
    return 0;
}
