// Takes and gives back memory of all sizes in an order that a random number decides, and looks again and again whether
// each byte is as it was left.
// shows: malloc() and its kin, under any memory pressure: what a program keeps in its heap stays as it is.
#include <random.h>
#include <test.h>

#define PIECES 64
#define ROUNDS 1500
#define LARGEST 6000

struct piece {
    unsigned char *bytes;
    size_t size;
    unsigned char value;
};

static struct piece pieces[PIECES];

static void fill(struct piece *piece, size_t from)
{
    memset(piece->bytes + from, piece->value, piece->size - from);
}

static void check(const struct piece *piece)
{
    REQUIRE((size_t)piece->bytes % 16 == 0, "memory at %p is not aligned", (void *)piece->bytes);
    for (size_t at = 0; at < piece->size; at++)
        REQUIRE(piece->bytes[at] == piece->value, "byte %d is not as it was left", (int)at);
}

static void take(struct piece *piece, unsigned round)
{
    piece->size = random_below(LARGEST);
    piece->value = (unsigned char)round;
    if (round % 2 == 0) {
        piece->bytes = malloc(piece->size);
    } else {
        piece->bytes = calloc(piece->size, 1);
        for (size_t at = 0; piece->bytes != NULL && at < piece->size; at++)
            REQUIRE(piece->bytes[at] == 0, "calloc() gave what is not zero");
    }
    REQUIRE(piece->bytes != NULL, "no room");
    fill(piece, 0);
}

static void change(struct piece *piece)
{
    size_t old = piece->size;
    size_t size = random_below(LARGEST);
    piece->bytes = realloc(piece->bytes, size);
    REQUIRE(piece->bytes != NULL, "no room");
    piece->size = size < old ? size : old;
    check(piece);
    piece->size = size;
    if (size > old)
        fill(piece, old);
}

static void give_back(struct piece *piece)
{
    check(piece);
    free(piece->bytes);
    piece->bytes = NULL;
}

// All of the heap but one header can be had as one piece, if nothing is left in it.
static bool is_whole(void)
{
    char *all = malloc(HEAP_BYTES - 16);
    bool whole = all != NULL;
    free(all);
    return whole;
}

TEST
{
    random_init(1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct piece *piece = &pieces[random_below(PIECES)];
        if (piece->bytes == NULL)
            take(piece, round);
        else if (random_below(2) == 0)
            change(piece);
        else
            give_back(piece);
    }
    msg("%d rounds", ROUNDS);
    for (int number = 0; number < PIECES; number++)
        if (pieces[number].bytes != NULL)
            give_back(&pieces[number]);
    CHECK(is_whole(), "all that was given back is one piece");
    CHECK(malloc(HEAP_BYTES) == NULL, "there is no room for more than there is");
    CHECK(calloc((size_t)-1, 2) == NULL, "nor for more than can be counted");
}
