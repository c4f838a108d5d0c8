#include <stdint.h>

struct bench_pair {
    int32_t first;
    uint64_t second;
    double third;
};

typedef int32_t (*bench_callback)(int32_t);

void bench_empty(void);
/* Calls `bench_empty` so many times. */
void bench_call_empty(int32_t times);
int64_t bench_four(int32_t a, int64_t b, double c, const uint8_t *d);
/* Calls back so many times. */
int32_t bench_call_back(bench_callback callback, int32_t times);
/* Writes one byte into each page of so many bytes of the heap. */
void bench_dirty(uint32_t bytes);
