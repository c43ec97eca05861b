// Forks with open files, and moves, closes and opens in both processes.
// shows: a child has its parent's open files, and positions of its own from then on.
// needs: sample.txt
#include <pages.h>

TEST
{
    char parent[4];
    char child[4];
    int fd = must_open("sample.txt");
    int second = must_open("sample.txt");
    seek(second, 20);
    REQUIRE(read(fd, parent, 2) == 2, "read");
    pid_t pid = must_fork();
    if (pid == 0) {
        REQUIRE(tell(fd) == 2 && tell(second) == 20, "the child is at %u and %u", tell(fd),
                tell(second));
        REQUIRE(read(fd, child, 4) == 4 && memcmp(child, "page", 4) == 0, "read in the child");
        seek(second, 99);
        close(fd);
        REQUIRE(read(fd, child, 4) == -1, "the child closed it");
        exit(9);
    }
    check_child(pid, 9, "the child reads, moves and closes");
    int self = must_open("fork-files");
    REQUIRE(write(self, "x", 1) == 0, "the executable is open to writes after a child's end");
    close(self);
    CHECK(tell(fd) == 2 && tell(second) == 20, "the parent is where it was");
    CHECK(read(fd, parent, 4) == 4 && memcmp(parent, "page", 4) == 0, "the parent reads the same");
    close(fd);
    pid = must_fork();
    if (pid == 0)
        exit(read(fd, child, 1) == -1 && tell(second) == 20 ? 10 : 11);
    check_child(pid, 10, "what was closed before, the child does not have");
}
