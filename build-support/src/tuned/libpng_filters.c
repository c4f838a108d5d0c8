/* libpng's filters of rows for Wasm's SIMD, a pixel at once (PNG specification, third edition, section 9). libpng takes them with PNG_FILTER_OPTIMIZATIONS=sandbox_png_filters.

   Each works within libpng's own buffers of rows, which have 16 bytes and more behind the last pixel: a load may take a few bytes too many, a store does not. */
#include "pngpriv.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* The pixel, in the lowest bytes. */
INLINE v128_t load(png_const_bytep at, unsigned bpp) { return bpp > 4 ? wasm_v128_load64_zero(at) : wasm_v128_load32_zero(at); }

INLINE void store(png_bytep at, v128_t pixel, unsigned bpp) { memcpy(at, &pixel, bpp); }

INLINE void sub(png_row_infop info, png_bytep row, unsigned bpp) {
  png_bytep end = row + info->rowbytes;
  v128_t left = wasm_i8x16_const_splat(0);
  for (; row < end; row += bpp) {
    left = wasm_i8x16_add(load(row, bpp), left);
    store(row, left, bpp);
  }
}

INLINE void average(png_row_infop info, png_bytep row, png_const_bytep above, unsigned bpp) {
  png_bytep end = row + info->rowbytes;
  v128_t left = wasm_i8x16_const_splat(0);
  for (; row < end; row += bpp, above += bpp) {
    left = wasm_i8x16_add(load(row, bpp), mean16(left, load(above, bpp)));
    store(row, left, bpp);
  }
}

INLINE void paeth(png_row_infop info, png_bytep row, png_const_bytep above, unsigned bpp) {
  png_bytep end = row + info->rowbytes;
  v128_t left = wasm_i8x16_const_splat(0), a = left, c = left;
  for (; row < end; row += bpp, above += bpp) {
    v128_t b = wasm_u16x8_extend_low_u8x16(load(above, bpp)), nearest = nearest8(a, b, c);
    left = wasm_i8x16_add(load(row, bpp), wasm_u8x16_narrow_i16x8(nearest, nearest));
    store(row, left, bpp);
    a = wasm_u16x8_extend_low_u8x16(left);
    c = b;
  }
}

#define FILTERS(bpp)                                                                                                                                                                                              \
  static void sub_##bpp(png_row_infop info, png_bytep row, png_const_bytep above) { (void)above, sub(info, row, bpp); }                                                                                           \
  static void average_##bpp(png_row_infop info, png_bytep row, png_const_bytep above) { average(info, row, above, bpp); }                                                                                         \
  static void paeth_##bpp(png_row_infop info, png_bytep row, png_const_bytep above) { paeth(info, row, above, bpp); }

FILTERS(3)
FILTERS(4)
FILTERS(6)
FILTERS(8)

#define USE(bpp)                                                                                                                                                                                                  \
  case bpp:                                                                                                                                                                                                       \
    png_ptr->read_filter[PNG_FILTER_VALUE_SUB - 1] = sub_##bpp;                                                                                                                                                   \
    png_ptr->read_filter[PNG_FILTER_VALUE_AVG - 1] = average_##bpp;                                                                                                                                               \
    png_ptr->read_filter[PNG_FILTER_VALUE_PAETH - 1] = paeth_##bpp;                                                                                                                                               \
    break;

void sandbox_png_filters(png_structp png_ptr, unsigned int bpp) {
  switch (bpp) {
    USE(3)
    USE(4)
    USE(6)
    USE(8)
  }
}
