/* zlib's crc32 for Wasm: takes the place of crc32.c, which is in here for all but long buffers.

   The polynomial of CRC-32 divides x^(8*1200) + x^(8*620) + x^(8*468) + x^(8*356) + 1, found by search. So a byte of a message can be taken out, if it is added (xor) to those 580, 732, 844 and 1200 bytes behind it. Done
   from the front, 16 bytes at once, this leaves 1200 to 1215 bytes with the same remainder, which zlib's tables take. To divide by a sparse multiple is the idea
   of Chorba (S. Russell, 2024). */
/* First, since with Z_PREFIX these names are macros. */
#include "zutil.h"
#pragma push_macro("crc32")
#pragma push_macro("crc32_z")
#undef crc32
#undef crc32_z
#define crc32 crc32_by_table
#define crc32_z crc32_z_by_table
#include "crc32.c"
#pragma pop_macro("crc32")
#pragma pop_macro("crc32_z")

#include <string.h>
#include <wasm_simd128.h>

/* How far behind a byte is added, the last the longest; what is folded at once; from where on it pays. */
enum { D1 = 580, D2 = 732, D3 = 844, D = 1200, BLOCK = 4096, LONG = 2 * D };

/* Not inlined: it takes 6.5 KiB of stack. */
static __attribute__((noinline)) unsigned long crc32_long(unsigned long crc, const unsigned char *buf, z_size_t len) {
  /* What was taken out: the last D bytes before `buf`, then a block. */
  unsigned char taken[D + BLOCK];
  unsigned char rest[D + 16];
  /* The sum so far belongs on the first four bytes, and is D before them. */
  memset(taken, 0, D);
  for (int i = 0; i < 4; i++)
    taken[i] = (unsigned char)(~crc >> (8 * i));
  while (len >= D + 16) {
    z_size_t count = (len - D) & ~(z_size_t)15;
    if (count > BLOCK)
      count = BLOCK;
    for (z_size_t i = 0; i < count; i += 16) {
      const unsigned char *old = taken + i;
      v128_t sum = wasm_v128_xor(wasm_v128_load(old), wasm_v128_load(old + (D - D1)));
      sum = wasm_v128_xor(sum, wasm_v128_xor(wasm_v128_load(old + (D - D2)), wasm_v128_load(old + (D - D3))));
      wasm_v128_store(taken + D + i, wasm_v128_xor(sum, wasm_v128_load(buf + i)));
    }
    memmove(taken, taken + count, D);
    buf += count;
    len -= count;
  }
  memcpy(rest, buf, len);
  static const unsigned short distances[] = {D1, D2, D3, D};
  for (int d = 0; d < 4; d++) {
    for (unsigned i = 0; i < distances[d]; i++)
      rest[i] ^= taken[D - distances[d] + i];
  }
  return crc32_z_by_table(0xffffffff, rest, len);
}

unsigned long ZEXPORT crc32_z(unsigned long crc, const unsigned char FAR *buf, z_size_t len) {
  return buf == Z_NULL || len < LONG ? crc32_z_by_table(crc, buf, len) : crc32_long(crc, buf, len);
}

unsigned long ZEXPORT crc32(unsigned long crc, const unsigned char FAR *buf, uInt len) { return crc32_z(crc, buf, len); }
