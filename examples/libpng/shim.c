#include "shim.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* How many ancillary chunks libpng keeps of an image. */
enum { CHUNKS = 256 };

typedef struct session {
  shim_png shown; /* first, so that a pointer to it is a pointer to the session */
  jmp_buf env;
  int guarded; /* `env` is the frame of a function that is still running */
  int writing;
  const unsigned char *in;
  size_t in_left;
  size_t out_room;
  unsigned char *image;
  size_t stride;
  unsigned int height;
} session;

/* Runs `work`, to which libpng's errors jump out of. Nothing but `self` is used after the jump. */
#define GUARDED(self, ...)                \
  do {                                    \
    session *guarded_ = (session *)(self); \
    if (setjmp(guarded_->env)) {          \
      guarded_->guarded = 0;              \
      return 0;                           \
    }                                     \
    guarded_->guarded = 1;                \
    __VA_ARGS__;                          \
    guarded_->guarded = 0;                \
    return 1;                             \
  } while (0)

static void keep(char *to, const char *text) {
  size_t len = strlen(text);
  if (len >= SHIM_TEXT) len = SHIM_TEXT - 1;
  memcpy(to, text, len);
  to[len] = 0;
}

static void on_error(png_structp png, png_const_charp text) {
  session *self = png_get_error_ptr(png);
  keep(self->shown.message, text);
  /* A function that was called without a guard failed, against the manual: there is no frame to jump to. */
  if (!self->guarded) abort();
  longjmp(self->env, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  session *self = png_get_error_ptr(png);
  self->shown.warnings++;
  keep(self->shown.warning, text);
}

static int create(session *self) {
  GUARDED(self, {
    shim_png *shown = &self->shown;
    shown->png = self->writing ? png_create_write_struct(PNG_LIBPNG_VER_STRING, self, on_error, on_warning)
                               : png_create_read_struct(PNG_LIBPNG_VER_STRING, self, on_error, on_warning);
    if (shown->png != NULL) {
      /* Limits are the host's: its answer to a large image says what to do. libpng's own would only refuse. */
      png_set_user_limits(shown->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_chunk_cache_max(shown->png, CHUNKS);
      shown->info = png_create_info_struct(shown->png);
    }
  });
}

static shim_png *make(int writing) {
  session *self = calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  self->writing = writing;
  if (!create(self) || self->shown.info == NULL) {
    shim_free(&self->shown);
    return NULL;
  }
  return &self->shown;
}

size_t shim_size(void) { return sizeof(shim_png); }

shim_png *shim_read_new(void) { return make(0); }

shim_png *shim_write_new(void) { return make(1); }

void shim_free(shim_png *shown) {
  session *self = (session *)shown;
  if (self == NULL) return;
  if (self->writing)
    png_destroy_write_struct(&shown->png, &shown->info);
  else
    png_destroy_read_struct(&shown->png, &shown->info, NULL);
  free(shown->out);
  free(self);
}

/* Appends to `out`. */
static void append(png_structp png, session *self, const unsigned char *data, size_t len) {
  shim_png *shown = &self->shown;
  if (len > self->out_room - shown->out_len) {
    size_t room = self->out_room + self->out_room / 2 + len;
    unsigned char *out = room < len ? NULL : realloc(shown->out, room);
    if (out == NULL) png_error(png, "no memory left for output");
    shown->out = out;
    self->out_room = room;
  }
  memcpy(shown->out + shown->out_len, data, len);
  shown->out_len += len;
}

/* Reading from memory. */

static void read_memory(png_structp png, png_bytep to, size_t len) {
  session *self = png_get_io_ptr(png);
  if (len > self->in_left) png_error(png, "the file ends early");
  memcpy(to, self->in, len);
  self->in += len;
  self->in_left -= len;
}

/* Texts may come behind the pixels, and then all of them move. */
static void note_texts(shim_png *self) { png_get_text(self->png, self->info, &self->header.texts, &self->header.text_count); }

/* Notes what libpng knows. */
static void note(shim_png *self) {
  shim_header *header = &self->header;
  png_colorp colors;
  header->width = png_get_image_width(self->png, self->info);
  header->height = png_get_image_height(self->png, self->info);
  header->bit_depth = png_get_bit_depth(self->png, self->info);
  header->color_type = png_get_color_type(self->png, self->info);
  header->interlace = png_get_interlace_type(self->png, self->info);
  header->transparency = png_get_valid(self->png, self->info, PNG_INFO_tRNS) != 0;
  if (!png_get_gAMA_fixed(self->png, self->info, &header->gamma)) header->gamma = 0;
  if (!png_get_PLTE(self->png, self->info, &colors, &header->colors)) header->colors = 0;
  note_texts(self);
}

int shim_read_info(shim_png *shown, const unsigned char *data, size_t len) {
  session *self = (session *)shown;
  self->in = data;
  self->in_left = len;
  GUARDED(shown, {
    png_set_read_fn(shown->png, self, read_memory);
    png_read_info(shown->png, shown->info);
    note(shown);
  });
}

int shim_read_start(shim_png *self, int pixels) {
  GUARDED(self, {
    /* Palettes to colours, 1 to 4 bits to 8, a transparent colour to alpha. */
    png_set_expand(self->png);
    if (pixels == SHIM_RGBA16)
      png_set_expand_16(self->png);
    else
      png_set_scale_16(self->png);
    if (pixels == SHIM_GRAY8) {
      /* 1: no complaint about images in colour; -1: the default weights. */
      png_set_rgb_to_gray_fixed(self->png, 1, -1, -1);
      png_set_strip_alpha(self->png);
    } else {
      png_set_gray_to_rgb(self->png);
      png_set_add_alpha(self->png, 0xffff, PNG_FILLER_AFTER);
    }
    shim_header *header = &self->header;
    header->passes = png_set_interlace_handling(self->png);
    png_read_update_info(self->png, self->info);
    header->out_channels = png_get_channels(self->png, self->info);
    header->out_depth = png_get_bit_depth(self->png, self->info);
    header->out_row_bytes = png_get_rowbytes(self->png, self->info);
  });
}

int shim_read_rows(shim_png *self, unsigned char *rows, size_t stride, unsigned int count, int passes) {
  GUARDED(self, {
    for (int pass = 0; pass < passes; pass++)
      for (unsigned int row = 0; row < count; row++) png_read_row(self->png, rows + row * stride, NULL);
  });
}

int shim_read_end(shim_png *self) {
  GUARDED(self, {
    png_read_end(self->png, self->info);
    note_texts(self);
  });
}

/* Progressive reading. */

static void on_info(png_structp png, png_infop info) {
  session *self = png_get_progressive_ptr(png);
  (void)info;
  note(&self->shown);
  self->shown.have_info = 1;
  /* Gives the host the time to look at the header, and to choose transformations, before the first row. */
  png_process_data_pause(png, 1);
}

static void on_row(png_structp png, png_bytep row, png_uint_32 number, int pass) {
  session *self = png_get_progressive_ptr(png);
  (void)pass;
  if (row == NULL) return; /* nothing new in this pass */
  if (number >= self->height) png_error(png, "more rows than the header says");
  if (self->image != NULL)
    png_progressive_combine_row(png, self->image + number * self->stride, row);
  else
    append(png, self, row, self->stride);
}

static void on_end(png_structp png, png_infop info) {
  session *self = png_get_progressive_ptr(png);
  (void)info;
  self->shown.finished = 1;
}

int shim_push_begin(shim_png *self) { GUARDED(self, png_set_progressive_read_fn(self->png, self, on_info, on_row, on_end)); }

int shim_push(shim_png *self, unsigned char *data, size_t len) {
  GUARDED(self, {
    png_process_data(self->png, self->info, data, len);
    note_texts(self);
  });
}

void shim_push_rows(shim_png *shown, unsigned char *image, size_t stride, unsigned int height) {
  session *self = (session *)shown;
  self->image = image;
  self->stride = stride;
  self->height = height;
}

/* Writing. */

static void write_memory(png_structp png, png_bytep data, size_t len) { append(png, png_get_io_ptr(png), data, len); }

static void flush_memory(png_structp png) { (void)png; }

static void set_palette(shim_png *self, const unsigned char *palette, int colors) {
  png_color entries[PNG_MAX_PALETTE_LENGTH];
  if (colors > PNG_MAX_PALETTE_LENGTH) png_error(self->png, "too many colours");
  for (int i = 0; i < colors; i++) {
    entries[i].red = palette[3 * i];
    entries[i].green = palette[3 * i + 1];
    entries[i].blue = palette[3 * i + 2];
  }
  png_set_PLTE(self->png, self->info, entries, colors);
}

int shim_write_header(shim_png *self, unsigned int width, unsigned int height, int depth, int color_type,
                      const unsigned char *palette, int colors, const unsigned char *alpha, int alphas) {
  GUARDED(self, {
    png_set_write_fn(self->png, (session *)self, write_memory, flush_memory);
    png_set_IHDR(self->png, self->info, width, height, depth, color_type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (colors > 0) set_palette(self, palette, colors);
    if (alphas > 0) png_set_tRNS(self->png, self->info, alpha, alphas, NULL);
    png_write_info(self->png, self->info);
    /* Rows come with a byte for each pixel, whatever the depth is. */
    if (depth < 8) png_set_packing(self->png);
  });
}

int shim_write_rows(shim_png *self, const unsigned char *rows, size_t stride, unsigned int count) {
  GUARDED(self, {
    for (unsigned int row = 0; row < count; row++) png_write_row(self->png, rows + row * stride);
  });
}

int shim_write_end(shim_png *self) { GUARDED(self, png_write_end(self->png, self->info)); }
