#include "bench.h"

#include <stdlib.h>

void bench_empty(void) {}

void bench_call_empty(int32_t times) {
    /* Read anew each time, so that each is a call. */
    void (*volatile function)(void) = bench_empty;
    for (int32_t i = 0; i < times; i++)
        function();
}

int64_t bench_four(int32_t a, int64_t b, double c, const uint8_t *d) {
    return a + b + (int64_t)c + (d != 0);
}

int32_t bench_call_back(bench_callback callback, int32_t times) {
    int32_t sum = 0;
    for (int32_t i = 0; i < times; i++)
        sum += callback(i);
    return sum;
}

void bench_dirty(uint32_t bytes) {
    volatile uint8_t *block = malloc(bytes + 1);
    for (uint32_t i = 0; i < bytes; i += 4096)
        block[i] = 1;
}
