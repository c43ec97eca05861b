// Opens a file twice and reads through both descriptors.
// shows: each open has a descriptor and a position of its own.
// needs: sample.txt
#include <test.h>

TEST
{
    int first = must_open("sample.txt");
    int second = must_open("sample.txt");
    CHECK(first != second, "the descriptors differ");
    char a[40];
    char b[40];
    CHECK(read(first, a, 40) == 40, "read 40 bytes from the first");
    CHECK(tell(first) == 40 && tell(second) == 0, "only the first has moved");
    CHECK(read(second, b, 40) == 40, "read 40 bytes from the second");
    compare_bytes(b, a, 40, 0, "sample.txt");
    close(first);
    CHECK(filesize(second) > 40, "closing the first leaves the second open");
}
