// Fills a page of local variables below the first stack page.
// shows: the stack grows by a page when a program goes below it.
#include "stack.h"

TEST
{
    char object[PAGE_SIZE];
    fill_and_check(object, sizeof object, 1);
}
