// Has a child run each privileged or sensitive instruction, and prints what
// happened.
// shows: each privileged instruction kills its process or does nothing; the rest goes on.
// needs: priv
#include "instructions.h"

#include <test.h>

TEST
{
    int count;
    const struct instruction *all = instructions(&count);
    for (int i = 0; i < count; i++) {
        char command[32];
        snprintf(command, sizeof command, "priv %s", all[i].name);
        int status = run(command);
        if (status == -1)
            msg("%s: killed", all[i].name);
        else
            msg("%s: %s", all[i].name, status == 0 ? "no effect" : "NOT HARMLESS");
    }
}
