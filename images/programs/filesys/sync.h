// The file that the syn-* tests and their children share.
#ifndef FILESYS_SYNC_H
#define FILESYS_SYNC_H

#include <random.h>
#include <test.h>

#define CHILDREN 10
#define PIECE 1000

static char contents[CHILDREN * PIECE];

// Makes up what the file is to hold; the same in each process.
static inline void make_contents(void)
{
    random_init(8);
    random_bytes(contents, sizeof contents);
}

// Starts ten children with numbers from 0 to 9 and waits for them; each has to
// exit with its number.
static inline void run_children(const char *program)
{
    pid_t children[CHILDREN];
    msg("run %d children", CHILDREN);
    for (int i = 0; i < CHILDREN; i++) {
        char command[32];
        snprintf(command, sizeof command, "%s %d", program, i);
        children[i] = exec(command);
        REQUIRE(children[i] != PID_ERROR, "exec \"%s\"", command);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = wait(children[i]);
        REQUIRE(status == i, "child %d has status %d", i, status);
    }
    msg("each child has exited with its number");
}

#endif
