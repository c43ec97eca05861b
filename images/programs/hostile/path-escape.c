// Tries to reach files outside the file directory by their names.
// shows: no name leads out of the guest's files.
#include <test.h>

TEST
{
    static const char *const names[] = { "/etc/passwd", "../Cargo.toml", "..", ".", "/",
                                         "a/../../b", "./x/../..", "../", "//" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        REQUIRE(open(names[i]) == -1, "open \"%s\"", names[i]);
        REQUIRE(!create(names[i], 1), "create \"%s\"", names[i]);
        REQUIRE(!remove(names[i]), "remove \"%s\"", names[i]);
        REQUIRE(exec(names[i]) == PID_ERROR, "exec \"%s\"", names[i]);
        msg("\"%s\" leads nowhere", names[i]);
    }
}
