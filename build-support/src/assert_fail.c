/* The function that a failed assert calls: the runtime ends the call, with what it is told here as the message.
   Weak, so that a library can define its own. It comes before libc's, which prints to stderr and aborts. */

__attribute__((noreturn, import_module("sandbox"), import_name("assert_fail"))) void
__sandbox_assert_fail(const char *expression, const char *file, int line, const char *function);

__attribute__((weak, noreturn)) void __assert_fail(const char *expression, const char *file, int line, const char *function) {
    __sandbox_assert_fail(expression, file, line, function);
}
