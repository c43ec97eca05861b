// Linked so that headers and code are segments of their own on one page.
// shows: a page that two segments share has the permissions of both.
// layout: shared-page
#include <test.h>

static int initialised = 1234;
static const char constant[] = "constants lie before the code";

TEST
{
    CHECK(initialised == 1234, "initialised data are there");
    CHECK(*(const uint32_t *)0x08048000 == 0x464c457f, "the ELF header is readable");
    msg("%s", constant);
}
