/* zlib's inflate_fast, written for Wasm: takes the place of inffast.c.

   Its contract is that of inffast.h and RFC 1951: with at least 6 bytes of input and room for 258 bytes, it decodes until less than that is left, the block ends or an error is found; bytes that it has read and not used go
   back. For `inflate`, which calls `sandbox_inflate_fast`, room for one byte is enough: a match for which there is no room is left as its state MATCH. What else is different from zlib's own: 64 bits of input are held, where wasm32's
   `unsigned long` has 32; an entry of a table is one load; copies move 16 or 8 bytes at once. They may write up to 15 bytes behind what was decoded, within the room that the caller gave. For inflateBack, whose room is
   its window too, none of this holds: nothing is written behind, and there is room for a whole match. */
#include "zutil.h"
#include "inftrees.h"
#include "inflate.h"
#include "inffast.h"

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#if ZLIB_VERNUM < 0x1290
#error "Tuned::Zlib is for zlib 1.2.9 and later"
#endif
#ifdef INFLATE_ALLOW_INVALID_DISTANCE_TOOFAR_ARRR
#error "Tuned::Zlib is not for INFLATE_ALLOW_INVALID_DISTANCE_TOOFAR_ARRR"
#endif
_Static_assert(sizeof(code) == 4, "an entry of a table is read as one word");

/* What a symbol can take and make at most: 15 + 5 + 15 + 13 bits, 258 bytes. */
enum { SYMBOL_BITS = 48, SYMBOL_BYTES = 258 };

/* How much is taken at once. */
enum { MOST = 1 << 30 };

/* What a turn of the wide loop needs: two refills of 8 bytes; two literals before a match, and chunks that overlap its end. */
enum { WIDE_IN = 16, WIDE_OUT = SYMBOL_BYTES + 2 + 16 };

/* An entry of a table (inftrees.h) as one word: `op` in the lowest byte, then `bits`, then `val`. */
typedef uint32_t entry;

static inline entry at(const code *table, uint64_t index) {
  entry found;
  memcpy(&found, table + (uint32_t)index, sizeof found);
  return found;
}

static inline unsigned entry_bits(entry e) { return (e >> 8) & 63; }

static inline uint64_t low_bits(uint64_t hold, unsigned count) { return hold & ((UINT64_C(1) << count) - 1); }

/* Where decoding is. */
struct place {
  const unsigned char *in, *in_end;
  unsigned char *out, *out_end;
  uint64_t hold;
  unsigned bits;
};

/* Fills `hold`, without a branch where there are 8 bytes (F. Giesen, "Reading bits in far too many ways"), to at least SYMBOL_BITS, as far as there is input. */
static inline void refill(struct place *p, int wide) {
  if (wide || p->in_end - p->in >= 8) {
    uint64_t next;
    memcpy(&next, p->in, sizeof next);
    p->hold |= next << p->bits;
    p->in += (63 - p->bits) >> 3;
    p->bits |= 56;
  } else {
    while (p->bits < SYMBOL_BITS && p->in < p->in_end) {
      p->hold |= (uint64_t)*p->in++ << p->bits;
      p->bits += 8;
    }
  }
}

/* The bit of input that is next. Addresses count: only differences mean anything. */
static inline uint32_t position(const struct place *p) { return (uint32_t)(uintptr_t)p->in * 8 - p->bits; }

static inline void drop(struct place *p, unsigned count) {
  p->hold >>= count;
  p->bits -= count;
}

/* Copies in chunks of 16 from at least 16 bytes back, or from elsewhere; `from` and `out` have room for whole chunks. */
static inline void copy_chunks(unsigned char *out, const unsigned char *from, unsigned length) {
  unsigned char *end = out + length;
  do {
    wasm_v128_store(out, wasm_v128_load(from));
    out += 16;
    from += 16;
  } while (out < end);
}

/* Repeats the last `distance` bytes, of which there are fewer than 16. */
static inline void repeat(unsigned char *out, unsigned distance, unsigned length) {
  unsigned char *end = out + length;
  uint64_t pattern;
  if (distance == 1) {
    v128_t same = wasm_i8x16_splat((int8_t)out[-1]);
    do {
      wasm_v128_store(out, same);
      out += 16;
    } while (out < end);
    return;
  }
  if (distance >= 8) {
    do {
      memcpy(&pattern, out - distance, 8);
      memcpy(out, &pattern, 8);
      out += 8;
    } while (out < end);
    return;
  }
  memcpy(&pattern, out - distance, 8);
  pattern = low_bits(pattern, 8 * distance);
  for (unsigned width = 8 * distance; width < 64; width *= 2)
    pattern |= pattern << width;
  unsigned step = 8 - 8 % distance;
  do {
    memcpy(out, &pattern, 8);
    out += step;
  } while (out < end);
}

static inline unsigned char *copy_bytes(unsigned char *out, const unsigned char *from, unsigned length) {
  while (length--)
    *out++ = *from++;
  return out;
}

/* Copies from the window what was written before this call: up to `length` bytes that begin `back` bytes before it. Returns how many. */
static unsigned from_window(const struct inflate_state *state, unsigned char *out, unsigned back, unsigned length, int roomy) {
  unsigned begin, run;
  if (back <= state->wnext) {
    begin = state->wnext - back;
    run = back;
  } else {
    /* The older half, behind what is written next. */
    run = back - state->wnext;
    begin = state->wsize - run;
  }
  unsigned done = run < length ? run : length;
  if (roomy && begin + ((done + 15) & ~15u) <= state->wsize)
    copy_chunks(out, state->window + begin, done);
  else
    copy_bytes(out, state->window + begin, done);
  if (done < length && run < back) {
    unsigned more = length - done < back - run ? length - done : back - run;
    copy_bytes(out + done, state->window, more);
    done += more;
  }
  return done;
}

/* Leaves a match to `inflate`, which copies what there is room for, and goes on with the rest when it is called again. */
static int unfinished(struct inflate_state *state, const struct place *p, uint32_t begun, unsigned length, unsigned distance) {
  state->back = (int)(position(p) - begun);
  state->length = state->was = length;
  state->offset = distance;
  state->mode = MATCH;
  return 1;
}

/* Decodes as long as there is enough for the wide loop, or for another; whether the mode has changed. */
static inline __attribute__((always_inline)) int decode(struct inflate_state *state, z_streamp strm, struct place *p, const unsigned char *begin, int wide,
                                                        unsigned least) {
  const code *lengths = state->lencode, *distances = state->distcode;
  uint64_t length_mask = (UINT64_C(1) << state->lenbits) - 1, distance_mask = (UINT64_C(1) << state->distbits) - 1;
  /* What is behind belongs to the window still. */
  int circular = state->window == begin;
  /* In its first round the window has nothing before its begin, whatever `whave` says. */
  unsigned whave = circular && state->whave < state->wsize ? 0 : state->whave;
  if (wide && circular)
    return 0;
  /* Otherwise bytes in `hold` count as input: with 6 of it there are the bits of a symbol. */
  while (wide ? p->in_end - p->in >= WIDE_IN && p->out_end - p->out >= WIDE_OUT
              : p->in_end - p->in + (p->bits >> 3) >= 6 && (unsigned)(p->out_end - p->out) >= least) {
    uint32_t begun = position(p);
    refill(p, wide);
    entry e = at(lengths, p->hold & length_mask);
    if (wide && (e & 255) == 0) {
      drop(p, entry_bits(e));
      *p->out++ = (unsigned char)(e >> 16);
      e = at(lengths, p->hold & length_mask);
      if ((e & 255) == 0) {
        drop(p, entry_bits(e));
        *p->out++ = (unsigned char)(e >> 16);
        e = at(lengths, p->hold & length_mask);
      }
      /* Bits of a literal are there, those of a match may not be. */
      if ((e & 255) != 0)
        refill(p, wide);
    }
    if ((e & (16 | 64)) == 0 && (e & 255) != 0) {
      drop(p, entry_bits(e));
      e = at(lengths, (e >> 16) + low_bits(p->hold, e & 15));
    }
    drop(p, entry_bits(e));
    if ((e & 255) == 0) {
      *p->out++ = (unsigned char)(e >> 16);
      continue;
    }
    if ((e & 16) == 0) {
      if (e & 32) {
        state->mode = TYPE;
      } else {
        strm->msg = (z_const char *)"invalid literal/length code";
        state->mode = BAD;
      }
      return 1;
    }
    unsigned length = (e >> 16) + (unsigned)low_bits(p->hold, e & 15);
    drop(p, e & 15);
    e = at(distances, p->hold & distance_mask);
    if ((e & (16 | 64)) == 0) {
      drop(p, entry_bits(e));
      e = at(distances, (e >> 16) + low_bits(p->hold, e & 15));
    }
    drop(p, entry_bits(e));
    if ((e & 16) == 0) {
      strm->msg = (z_const char *)"invalid distance code";
      state->mode = BAD;
      return 1;
    }
    unsigned distance = (e >> 16) + (unsigned)low_bits(p->hold, e & 15);
    drop(p, e & 15);
#ifdef INFLATE_STRICT
    if (distance > state->dmax) {
      strm->msg = (z_const char *)"invalid distance too far back";
      state->mode = BAD;
      return 1;
    }
#endif
    unsigned written = (unsigned)(p->out - begin), room = (unsigned)(p->out_end - p->out);
    int roomy = wide || (!circular && room >= length + 16);
    if (distance > written) {
      unsigned back = distance - written;
      if (back > whave) {
        strm->msg = (z_const char *)"invalid distance too far back";
        state->mode = BAD;
        return 1;
      }
      if (!wide && room < length)
        return unfinished(state, p, begun, length, distance);
      unsigned done = from_window(state, p->out, back, length, roomy);
      p->out += done;
      length -= done;
      /* The rest begins where this call did: `distance` back from here. */
      p->out = copy_bytes(p->out, p->out - distance, length);
      continue;
    }
    if (!wide && room < length)
      return unfinished(state, p, begun, length, distance);
    if (!roomy)
      copy_bytes(p->out, p->out - distance, length);
    else if (distance >= 16)
      copy_chunks(p->out, p->out - distance, length);
    else
      repeat(p->out, distance, length);
    p->out += length;
  }
  return 0;
}

static inline __attribute__((always_inline)) void run(z_streamp strm, unsigned start, unsigned least) {
  struct inflate_state *state = (struct inflate_state *)strm->state;
  unsigned char *begin = strm->next_out - (start - strm->avail_out);
  /* A caller may say that there is more than can be: then addresses would wrap around. */
  unsigned in = strm->avail_in < MOST ? strm->avail_in : MOST, out = strm->avail_out < MOST ? strm->avail_out : MOST;
  struct place p = {strm->next_in, strm->next_in + in, strm->next_out, strm->next_out + out, state->hold, state->bits};
  if (!decode(state, strm, &p, begin, 1, least))
    decode(state, strm, &p, begin, 0, least);
  /* What inflatePrime put there was never input, and stays. */
  unsigned unused = p.bits >> 3, read = (unsigned)(p.in - strm->next_in);
  if (unused > read)
    unused = read;
  p.in -= unused;
  p.bits -= 8 * unused;
  strm->avail_in -= (unsigned)(p.in - strm->next_in);
  strm->avail_out -= (unsigned)(p.out - strm->next_out);
  strm->next_in = (z_const unsigned char *)p.in;
  strm->next_out = p.out;
  state->hold = (unsigned long)low_bits(p.hold, p.bits);
  state->bits = p.bits;
}

void ZLIB_INTERNAL inflate_fast(z_streamp strm, unsigned start) { run(strm, start, SYMBOL_BYTES); }

void sandbox_inflate_fast(z_streamp strm, unsigned start) { run(strm, start, 1); }
