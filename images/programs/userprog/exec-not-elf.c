// Tries to start a text file, an empty file and half an executable.
// shows: exec of a file that is not a program returns -1.
// needs: sample.txt child-simple
#include <test.h>

TEST
{
    REQUIRE(create("empty", 0), "create \"empty\"");
    int whole = must_open("child-simple");
    char bytes[512];
    REQUIRE(read(whole, bytes, sizeof bytes) == sizeof bytes, "read \"child-simple\"");
    REQUIRE(create("half", sizeof bytes), "create \"half\"");
    int half = must_open("half");
    REQUIRE(write(half, bytes, sizeof bytes) == sizeof bytes, "write \"half\"");
    close(half);
    msg("exec(\"sample.txt\"): %d", exec("sample.txt"));
    msg("exec(\"empty\"): %d", exec("empty"));
    msg("exec(\"half\"): %d", exec("half"));
}
