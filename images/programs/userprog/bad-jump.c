// Jumps to address 0.
// shows: a user program that calls a null pointer is ended.
#include <test.h>

typedef int function(void);

TEST
{
    function *volatile nowhere = NULL;
    MUST_DIE(nowhere());
}
