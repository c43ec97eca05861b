/* What is an instruction: asks the table of encodings.h before anything is translated. */

#include "corrected/encodings.h"

/* The class of prefixes: the last of F3 and F2 counts, and both count more than 66. */
static int prefix_class(int prefix)
{
    if (prefix & PREFIX_LOCK) {
        return 4;
    }
    if (prefix & PREFIX_REPNZ) {
        return 3;
    }
    if (prefix & PREFIX_REPZ) {
        return 2;
    }
    return prefix & PREFIX_DATA ? 1 : 0;
}

/* The string instructions and `mov` to an address that follows the opcode: they store without a ModRM byte. */
static bool stores_without_modrm(int b)
{
    return (b >= 0xa2 && b <= 0xa5) || b == 0xaa || b == 0xab || b == 0x6c || b == 0x6d;
}

/* Whether opcode `b` (0x1xx: behind 0F) with the prefixes of `s`, and the ModRM byte that comes next, is an
   instruction of this CPU. Takes note if that stores to its memory operand. */
static bool is_instruction(CPUX86State *env, DisasContext *s, int b)
{
    int map = b >> 8 & 1;
    int prefix = prefix_class(s->prefix);
    const uint64_t *row = vmlab_rows[vmlab_row_of[map][prefix][b & 0xff]];
    int stores = vmlab_stores[map][prefix][b & 0xff];
    bool always = (row[0] & row[1]) == UINT64_MAX;
    int modrm;

    s->stores = stores_without_modrm(b);
    if (s->prefix & PREFIX_VEX || !(row[0] | row[1])) {
        return false;
    }
    if (always && !stores) {
        return true;
    }
    modrm = x86_ldub_code(env, s);
    s->pc--;
    if (modrm < 0xc0) {
        s->stores = stores >> (modrm >> 3 & 7) & 1;
    }
    return row[modrm >= 0xc0] >> (modrm & 63) & 1;
}
