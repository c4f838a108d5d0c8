/* What the example adds to libpng, in the guest: the `setjmp` that libpng's error handling needs, a reader and a writer of
 * memory, and the three functions of progressive reading. None of it is trusted by the host.
 *
 * The same file is compiled for the host too, where it drives the native libpng of `compare` and of the tests. */
#ifndef EXAMPLE_LIBPNG_SHIM_H
#define EXAMPLE_LIBPNG_SHIM_H

#include <png.h>
#include <stddef.h>

/* Bytes kept of a message, terminator included. */
#define SHIM_TEXT 256

/* What becomes of the pixels that are read: SHIM_RGBA8, SHIM_RGBA16 (big-endian) or SHIM_GRAY8. */
enum { SHIM_RGBA8, SHIM_RGBA16, SHIM_GRAY8 };

/* What libpng knows of a file: all in one place, so that the host reads it at once. */
typedef struct shim_header {
  unsigned int width, height;
  unsigned char bit_depth, color_type, interlace;
  unsigned char transparency; /* 1 if there is a tRNS chunk */
  int gamma;                  /* in 1/100000; 0 if there is no gAMA chunk */
  int colors;                 /* of the palette; 0 if there is none */
  png_textp texts;
  int text_count;
  /* After shim_read_start, the pixels as they will come: their passes, channels and bits, and the bytes of a row. */
  int passes;
  unsigned char out_channels, out_depth;
  size_t out_row_bytes;
} shim_header;

/* One image that is being read or written. */
typedef struct shim_png {
  png_structp png;
  png_infop info;
  /* Progressive reading: everything before the pixels has been read; the whole file has been read. */
  int have_info;
  int finished;
  /* Rows (progressive reading) or bytes of the file (writing) that the host has not taken yet. Taking is setting the length to 0. */
  unsigned char *out;
  size_t out_len;
  /* libpng's complaints: why a function returned 0, how many warnings there were, and the last of them. */
  unsigned int warnings;
  char message[SHIM_TEXT];
  char warning[SHIM_TEXT];
  /* Reading: as it was after the last function that read. */
  shim_header header;
} shim_png;

/* Each `int` is 1, or 0 with the reason in `message`; after a 0 only `shim_free` may follow. */

/* Returns NULL if there is no memory. */
shim_png *shim_read_new(void);
shim_png *shim_write_new(void);
void shim_free(shim_png *self);

/* The size of a shim_png: whoever has declared it by hand can see whether it is this one. */
size_t shim_size(void);

/* Reads from memory what is before the pixels: `data` must stay until the end. */
int shim_read_info(shim_png *self, const unsigned char *data, size_t len);
/* Chooses what the pixels become. Needed for both ways of reading. */
int shim_read_start(shim_png *self, int pixels);
/* Reads the next `count` rows; with several passes these must be all rows of the image. */
int shim_read_rows(shim_png *self, unsigned char *rows, size_t stride, unsigned int count, int passes);
int shim_read_end(shim_png *self);

/* Progressive reading: `shim_push_begin`, `shim_push` until `have_info`, `shim_read_start`, `shim_push_rows`, `shim_push` until
 * `finished`. Rows are appended to `out`, or, if `image` is not NULL, combined there (interlaced images need that). */
int shim_push_begin(shim_png *self);
int shim_push(shim_png *self, unsigned char *data, size_t len);
void shim_push_rows(shim_png *self, unsigned char *image, size_t stride, unsigned int height);

/* Writing. The colours of `palette` are R, G, B; `alpha` are those of the first `alphas` colours. */
int shim_write_header(shim_png *self, unsigned int width, unsigned int height, int depth, int color_type,
                      const unsigned char *palette, int colors, const unsigned char *alpha, int alphas);
int shim_write_rows(shim_png *self, const unsigned char *rows, size_t stride, unsigned int count);
int shim_write_end(shim_png *self);

#endif
