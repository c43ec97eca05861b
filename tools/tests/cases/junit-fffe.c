// code: 1
// expect: junit-fffe: exit(1)
// Prints U+FFFE and U+FFFF. Right: the JUnit report of a test that fails with it is well-formed XML, the TAP report valid YAML.
#include <test.h>
int main(void)
{
    write(1, "a\xef\xbf\xbf" "b\n", 6);
    return 1;
}
