/* libpng's choice of a filter for a row that is written, for Wasm's SIMD: pngwrite.c calls it instead of png_write_find_filter, which then filters by the one that was chosen.

   The choice is libpng's own: the filter with which the bytes, taken as signed, are nearest to zero in sum; of several, the first. (PNG specification, third edition, section 12.7.) All sums are made in one pass. */
#include "pngpriv.h"

#include <stdint.h>
#include <stdlib.h>

enum { NONE, SUB, UP, AVERAGE, PAETH, FILTERS };

static inline unsigned magnitude(int byte) { return (unsigned)((byte & 0xff) < 128 ? byte & 0xff : 256 - (byte & 0xff)); }

static inline int nearest(int left, int up, int corner) {
  int by_left = abs(up - corner), by_up = abs(left - corner), by_corner = abs(left + up - 2 * corner);
  return by_left <= by_up && by_left <= by_corner ? left : by_up <= by_corner ? up : corner;
}

static void add_byte(size_t sums[FILTERS], int byte, int left, int up, int corner) {
  sums[NONE] += magnitude(byte);
  sums[SUB] += magnitude(byte - left);
  sums[UP] += magnitude(byte - up);
  sums[AVERAGE] += magnitude(byte - (left + up) / 2);
  sums[PAETH] += magnitude(byte - nearest(left, up, corner));
}

/* Adds the magnitudes of 16 bytes to eight sums of 16 bits. */
static inline v128_t add_magnitudes(v128_t sums, v128_t bytes) {
  v128_t each = wasm_u8x16_min(bytes, wasm_i8x16_neg(bytes));
  v128_t even = wasm_v128_and(each, wasm_i16x8_const_splat(0xff));
  return wasm_i16x8_add(sums, wasm_i16x8_add(even, wasm_u16x8_shr(each, 8)));
}

static inline size_t total(v128_t sums) {
  v128_t four = wasm_i32x4_add(wasm_u32x4_extend_low_u16x8(sums), wasm_u32x4_extend_high_u16x8(sums));
  uint64_t low = (uint64_t)wasm_i64x2_extract_lane(four, 0), high = (uint64_t)wasm_i64x2_extract_lane(four, 1);
  return (size_t)((low & 0xffffffff) + (low >> 32) + (high & 0xffffffff) + (high >> 32));
}

/* A byte after the other, and so kept: what clang makes of such a loop has shuffles, each of which is a call of the host for a processor that is not known to have SSSE3. */
#define PLAIN_LOOP _Pragma("clang loop vectorize(disable)")

static void add_row(size_t sums[FILTERS], png_const_bytep row, png_const_bytep above, size_t length, size_t bpp) {
  size_t i = 0;
  PLAIN_LOOP for (; i < length && i < bpp; i++)
    add_byte(sums, row[i], 0, above[i], 0);
  while (length - i >= 16) {
    v128_t none = wasm_i16x8_const_splat(0), sub = none, up = none, average = none, paeth = none;
    /* Each turn adds 2 * 128 at most; 16 bits hold 255 times that. */
    for (int turn = 0; turn < 128 && length - i >= 16; turn++, i += 16) {
      v128_t byte = wasm_v128_load(row + i), a = wasm_v128_load(row + i - bpp);
      v128_t b = wasm_v128_load(above + i), c = wasm_v128_load(above + i - bpp);
      v128_t low = nearest8(wasm_u16x8_extend_low_u8x16(a), wasm_u16x8_extend_low_u8x16(b), wasm_u16x8_extend_low_u8x16(c));
      v128_t high = nearest8(wasm_u16x8_extend_high_u8x16(a), wasm_u16x8_extend_high_u8x16(b), wasm_u16x8_extend_high_u8x16(c));
      none = add_magnitudes(none, byte);
      sub = add_magnitudes(sub, wasm_i8x16_sub(byte, a));
      up = add_magnitudes(up, wasm_i8x16_sub(byte, b));
      average = add_magnitudes(average, wasm_i8x16_sub(byte, mean16(a, b)));
      paeth = add_magnitudes(paeth, wasm_i8x16_sub(byte, wasm_u8x16_narrow_i16x8(low, high)));
    }
    sums[NONE] += total(none);
    sums[SUB] += total(sub);
    sums[UP] += total(up);
    sums[AVERAGE] += total(average);
    sums[PAETH] += total(paeth);
  }
  PLAIN_LOOP for (; i < length; i++)
    add_byte(sums, row[i], row[i - bpp], above[i], above[i - bpp]);
}

void sandbox_png_write_find_filter(png_structrp png_ptr, png_row_infop row_info) {
  static const png_byte flags[FILTERS] = {PNG_FILTER_NONE, PNG_FILTER_SUB, PNG_FILTER_UP, PNG_FILTER_AVG, PNG_FILTER_PAETH};
  /* Not put back if writing fails: then the struct can only be destroyed. */
  png_byte allowed = png_ptr->do_filter;
  size_t length = row_info->rowbytes;
  /* Of one filter there is no choice; of rows so long that sums could overflow libpng makes none. */
  if ((allowed & (allowed - 1)) != 0 && png_ptr->prev_row != NULL && length < PNG_SIZE_MAX / 128) {
    size_t sums[FILTERS] = {0};
    add_row(sums, png_ptr->row_buf + 1, png_ptr->prev_row + 1, length, (row_info->pixel_depth + 7u) >> 3);
    int best = -1;
    for (int filter = 0; filter < FILTERS; filter++) {
      if ((allowed & flags[filter]) != 0 && (best < 0 || sums[filter] < sums[best]))
        best = filter;
    }
    /* Not "none" alone, a setting by which libpng also chooses zlib's strategy: with a bit that is no filter's. */
    if (best >= 0)
      png_ptr->do_filter = best == NONE ? PNG_FILTER_NONE | 1 : flags[best];
  }
  png_write_find_filter(png_ptr, row_info);
  png_ptr->do_filter = allowed;
}
