// Sorts the bytes of the file that its argument names, on the stack, and exits
// with 42; a child of page-merge-stk.
// shows: system calls and recursion on a stack of 128 KiB.
#include "sort-file.h"

// Quicksort; the shorter part first, so that it does not go deep.
static void quicksort(uint8_t *bytes, size_t size)
{
    while (size > 1) {
        uint8_t middle = bytes[size / 2];
        size_t low = 0;
        size_t high = size - 1;
        for (;;) {
            while (bytes[low] < middle)
                low++;
            while (bytes[high] > middle)
                high--;
            if (low >= high)
                break;
            uint8_t byte = bytes[low];
            bytes[low++] = bytes[high];
            bytes[high--] = byte;
        }
        size_t left = high + 1 < size ? high + 1 : size - 1;
        if (left < size - left) {
            quicksort(bytes, left);
            bytes += left;
            size -= left;
        } else {
            quicksort(bytes + left, size - left);
            size = left;
        }
    }
}

int main(int argc, char *argv[])
{
    uint8_t buffer[MAX_SIZE];
    REQUIRE(argc == 2, "a file's name is needed");
    sort_file(argv[1], buffer, quicksort);
    return 42;
}
