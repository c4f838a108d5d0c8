/* zlib's adler32 for Wasm's SIMD, 16 bytes at once: takes the place of adler32.c, which is in here for all but the ends of buffers. (RFC 1950, section 8.2.) */
/* First, since with Z_PREFIX these names are macros. */
#include "zutil.h"
#pragma push_macro("adler32")
#pragma push_macro("adler32_z")
#undef adler32
#undef adler32_z
#define adler32 adler32_by_byte
#define adler32_z adler32_z_by_byte
#include "adler32.c"
#pragma pop_macro("adler32")
#pragma pop_macro("adler32_z")

#include <stdint.h>
#include <wasm_simd128.h>

/* Bytes between two reductions: no lane overflows. */
enum { ADLER_BLOCK = 4096 };

static inline uint64_t total(v128_t lanes) {
  return (uint64_t)(uint32_t)wasm_i32x4_extract_lane(lanes, 0) + (uint32_t)wasm_i32x4_extract_lane(lanes, 1) +
         (uint32_t)wasm_i32x4_extract_lane(lanes, 2) + (uint32_t)wasm_i32x4_extract_lane(lanes, 3);
}

uLong ZEXPORT adler32_z(uLong adler, const Bytef *buf, z_size_t len) {
  if (buf == Z_NULL || len < 32)
    return adler32_z_by_byte(adler, buf, len);
  uint32_t a = adler & 0xffff, b = (adler >> 16) & 0xffff;
  v128_t first = wasm_i16x8_const(16, 15, 14, 13, 12, 11, 10, 9), second = wasm_i16x8_const(8, 7, 6, 5, 4, 3, 2, 1), ones = wasm_i16x8_const_splat(1);
  while (len >= 16) {
    z_size_t count = len < ADLER_BLOCK ? len & ~(z_size_t)15 : ADLER_BLOCK;
    /* Sums of bytes; of those sums before each 16 bytes; of bytes by how often they count within theirs. */
    v128_t bytes = wasm_i32x4_const_splat(0), before = bytes, within = bytes;
    for (z_size_t i = 0; i < count; i += 16) {
      v128_t next = wasm_v128_load(buf + i);
      v128_t low = wasm_u16x8_extend_low_u8x16(next), high = wasm_u16x8_extend_high_u8x16(next);
      before = wasm_i32x4_add(before, bytes);
      bytes = wasm_i32x4_add(bytes, wasm_i32x4_dot_i16x8(wasm_i16x8_add(low, high), ones));
      within = wasm_i32x4_add(within, wasm_i32x4_add(wasm_i32x4_dot_i16x8(low, first), wasm_i32x4_dot_i16x8(high, second)));
    }
    b = (uint32_t)((b + (uint64_t)a * count + 16 * total(before) + total(within)) % 65521);
    a = (uint32_t)((a + total(bytes)) % 65521);
    buf += count;
    len -= count;
  }
  return adler32_z_by_byte((uLong)b << 16 | a, buf, len);
}

uLong ZEXPORT adler32(uLong adler, const Bytef *buf, uInt len) { return adler32_z(adler, buf, len); }
