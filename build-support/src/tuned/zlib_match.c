/* zlib's search for the longest match, written for Wasm: deflate.c calls it instead of its own.

   It gives the very match that zlib's gives, so that what deflate writes is the same: the nearest of the longest along a chain, whose length is bounded by the level. What is different is how much is compared at once:
   four bytes at the end of the best match so far, and then 16. */
#include "deflate.h"

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#ifdef FASTEST
#error "Tuned::Zlib is not for FASTEST, whose deflate keeps no chains"
#endif
_Static_assert(MAX_MATCH == 258, "two bytes more than 16 times 16");

static inline uint32_t load32(const unsigned char *at) {
  uint32_t bytes;
  memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/* How many of the 16 bytes there are the same, from the front. */
static inline unsigned same16(const unsigned char *a, const unsigned char *b) {
  uint32_t differ = ~wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(a), wasm_v128_load(b)));
  return (unsigned)__builtin_ctz(differ);
}

/* How many bytes are the same, MAX_MATCH at most. Never looks behind those. */
static inline unsigned same(const unsigned char *a, const unsigned char *b) {
  unsigned at = 0;
  for (; at + 16 <= MAX_MATCH; at += 16) {
    unsigned count = same16(a + at, b + at);
    if (count < 16)
      return at + count;
  }
  return MAX_MATCH - 16 + same16(a + MAX_MATCH - 16, b + MAX_MATCH - 16);
}

uInt sandbox_longest_match(deflate_state *s, IPos candidate) {
  const unsigned char *window = s->window, *here = window + s->strstart;
  const Pos *older = s->prev;
  IPos mask = s->w_mask, limit = s->strstart > MAX_DIST(s) ? s->strstart - MAX_DIST(s) : 0;
  unsigned best = s->prev_length, steps = s->max_chain_length, enough = (unsigned)s->nice_match;
  if (best >= s->good_match)
    steps /= 4;
  if (enough > s->lookahead)
    enough = s->lookahead;
  for (;;) {
    /* A longer match has the byte behind the best one, and the three before it. Nearly all are found too short here. */
    if (best >= 3) {
      const unsigned char *tails = window + best - 3;
      uint32_t tail = load32(here + best - 3);
      while (load32(tails + candidate) != tail) {
        candidate = older[candidate & mask];
        if (candidate <= limit || --steps == 0)
          goto done;
      }
    }
    /* After deflateParams the best match can be of no length: zlib then looks at the bytes before, where one of length 0 would end. */
    unsigned length = 0;
    if (best != 0 || (window[candidate - 1] == here[-1] && window[candidate + 1] == here[1]))
      length = same(here, window + candidate);
    if (length > best) {
      s->match_start = candidate;
      best = length;
      if (length >= enough)
        break;
    }
    candidate = older[candidate & mask];
    if (candidate <= limit || --steps == 0)
      break;
  }
done:
  return best < s->lookahead ? best : s->lookahead;
}
