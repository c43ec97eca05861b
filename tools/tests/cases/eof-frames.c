// Right (POSIX, ext4): 00 00 00 00 at every number of frames.
// A store past the end of a file, with other pages used in between: once, what the file held at the
// end depended on the number of frames.
// code: 0
// expect: (eof-frames) 00 00 00 00
// expect: eof-frames: exit(0)
#include <test.h>
#include <vm.h>
static volatile char other[100 * 4096];
int main(void)
{
    create("f", 100);
    int fd = must_open("f");
    unsigned char *p = mmap2((void *)0x20000000, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), b[4];
    memset(p + 100, 0x77, 4);
    for (unsigned i = 0; i < sizeof other; i += 4096)
        other[i] = 1;
    ftruncate(fd, 104);
    seek(fd, 100);
    read(fd, b, 4);
    msg("%02x %02x %02x %02x", b[0], b[1], b[2], b[3]);
    return 0;
}
