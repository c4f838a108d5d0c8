/*
 * The run-time that lowered setjmp and longjmp call, for a sysroot that has none.
 *
 * The functions, their parameters and the exception's payload are the convention's:
 * https://github.com/WebAssembly/tool-conventions/blob/main/SetjmpLongjmp.md
 * The tag of the exception, __c_longjmp, is defined in tag.s: C cannot express it.
 */
#include <stdint.h>

/* Compiled code reads both fields through the exception's payload, so their order is fixed. */
struct longjmp_arguments {
    void *env;
    int val;
};

/* What the first words of a jmp_buf hold. */
struct jump {
    void *invocation; /* which activation of the function called setjmp */
    uint32_t label;   /* which of its calls; never 0 */
    struct longjmp_arguments arguments;
};

_Static_assert(sizeof(struct jump) <= 6 * sizeof(void *), "more than the convention reserves in a jmp_buf");

/* LLVM's number for the tag __c_longjmp; 0 is C++'s. The builtin wants a literal. */
#define C_LONGJMP 1

void __wasm_setjmp(void *env, uint32_t label, void *invocation);
uint32_t __wasm_setjmp_test(void *env, void *invocation);
_Noreturn void __wasm_longjmp(void *env, int val);

void __wasm_setjmp(void *env, uint32_t label, void *invocation) {
    struct jump *jump = env;
    /* Address 0 is ordinary memory in WebAssembly: writing there would not trap by itself. */
    if (jump == 0 || label == 0 || invocation == 0) {
        __builtin_trap();
    }
    jump->invocation = invocation;
    jump->label = label;
}

uint32_t __wasm_setjmp_test(void *env, void *invocation) {
    struct jump *jump = env;
    /* A zero label: longjmp on a jmp_buf that setjmp never filled. */
    if (jump == 0 || jump->label == 0 || invocation == 0) {
        __builtin_trap();
    }
    return jump->invocation == invocation ? jump->label : 0;
}

_Noreturn void __wasm_longjmp(void *env, int val) {
    struct jump *jump = env;
    if (jump == 0) {
        __builtin_trap();
    }
    jump->arguments.env = env;
    jump->arguments.val = val == 0 ? 1 : val;
    __builtin_wasm_throw(C_LONGJMP, &jump->arguments);
}
