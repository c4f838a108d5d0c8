/*
 * setjmp.h for a sysroot that has none, over WebAssembly exceptions.
 *
 * The compiler lowers calls of setjmp and longjmp by name (-mllvm -wasm-enable-sjlj); no function of these names is
 * linked. The size of jmp_buf follows the convention: six words belong to the run-time (runtime.c), aligned for pointers.
 * https://github.com/WebAssembly/tool-conventions/blob/main/SetjmpLongjmp.md
 */
#ifndef SANDBOX_SETJMP_H
#define SANDBOX_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

struct sandbox_jmp_buf {
    unsigned long runtime[6];
};

typedef struct sandbox_jmp_buf jmp_buf[1];
/* There are no signals, hence no mask to save. */
typedef jmp_buf sigjmp_buf;

int setjmp(jmp_buf) __attribute__((__returns_twice__));
void longjmp(jmp_buf, int) __attribute__((__noreturn__));

/* The standard calls setjmp a macro, and code tests for it. */
#define setjmp setjmp
#define _setjmp(env) setjmp(env)
#define _longjmp(env, val) longjmp((env), (val))
#define sigsetjmp(env, savemask) ((void)(savemask), setjmp(env))
#define siglongjmp(env, val) longjmp((env), (val))

#ifdef __cplusplus
}
#endif

#endif
