/* PNG's predictors for Wasm's SIMD. (PNG specification, third edition, section 9.) */
#include <wasm_simd128.h>

/* The averages of bytes. Wasm's own round up, PNG's down. */
static inline v128_t mean16(v128_t left, v128_t up) {
  v128_t odd = wasm_v128_and(wasm_v128_xor(left, up), wasm_i8x16_const_splat(1));
  return wasm_i8x16_sub(wasm_u8x16_avgr(left, up), odd);
}

/* Paeth's predictors of 16 bits each: whichever is nearest to left + up - corner, in this order where several are as near. */
static inline v128_t nearest8(v128_t left, v128_t up, v128_t corner) {
  v128_t over = wasm_i16x8_sub(up, corner), side = wasm_i16x8_sub(left, corner);
  v128_t by_left = wasm_i16x8_abs(over), by_up = wasm_i16x8_abs(side), by_corner = wasm_i16x8_abs(wasm_i16x8_add(over, side));
  v128_t least = wasm_i16x8_min(wasm_i16x8_min(by_left, by_up), by_corner);
  v128_t other = wasm_v128_bitselect(up, corner, wasm_i16x8_eq(least, by_up));
  return wasm_v128_bitselect(left, other, wasm_i16x8_eq(least, by_left));
}

