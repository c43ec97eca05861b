/* What the translator tells the helpers of the x87 unit. */

/* What an instruction of two operands does, numbered as in its opcode; the others follow. */
enum {
    X87_ADD, X87_MUL, X87_COM, X87_COMP, X87_SUB, X87_SUBR, X87_DIV, X87_DIVR,
    X87_SQRT, X87_ROUND, X87_SCALE_BY, X87_MUL_FULL,
};

/* Where fst, fist and their kin store. */
enum { X87_TO_F32, X87_TO_F64, X87_TO_F80, X87_TO_I16, X87_TO_I32, X87_TO_I64, X87_TO_BCD };
#define X87_POP 8
#define X87_CHOP 16
