/* libpng's palettes to colours, and colours to colours with alpha, for Wasm: pngrtran.c calls these instead of its own. They work in place, from the end of the row, and store a pixel at once. */
#include "pngpriv.h"

#include <stdint.h>
#include <string.h>

static inline void store16(png_bytep at, uint16_t value) { memcpy(at, &value, sizeof value); }

static inline void store32(png_bytep at, uint32_t value) { memcpy(at, &value, sizeof value); }

/* To a byte each, from indices of 1, 2 or 4 bits, the first in the highest bits. */
static void unpack(png_bytep row, png_uint_32 width, unsigned depth) {
  unsigned each = 8 / depth, mask = (1u << depth) - 1;
  png_uint_32 i = width;
  for (; i % each != 0; i--)
    row[i - 1] = (png_byte)(row[(i - 1) / each] >> (8 - depth * ((i - 1) % each + 1)) & mask);
  while (i != 0) {
    unsigned packed = row[i / each - 1];
    for (unsigned shift = 0; shift < 8; shift += depth)
      row[--i] = (png_byte)(packed >> shift & mask);
  }
}

void sandbox_png_expand_palette(png_row_infop info, png_bytep row, png_const_colorp palette, png_const_bytep alpha, int alphas) {
  png_uint_32 width = info->width;
  if (info->color_type != PNG_COLOR_TYPE_PALETTE)
    return;
  if (info->bit_depth < 8)
    unpack(row, width, info->bit_depth);
  int with_alpha = alphas > 0;
  for (png_uint_32 i = width; i-- != 0;) {
    unsigned index = row[i];
    const png_color *color = palette + index;
    unsigned red_green = color->red | (unsigned)color->green << 8;
    if (with_alpha) {
      unsigned opacity = (int)index < alphas ? alpha[index] : 0xff;
      store32(row + (size_t)i * 4, red_green | (unsigned)color->blue << 16 | opacity << 24);
    } else {
      store16(row + (size_t)i * 3, (uint16_t)red_green);
      row[(size_t)i * 3 + 2] = color->blue;
    }
  }
  info->bit_depth = 8;
  info->channels = with_alpha ? 4 : 3;
  info->pixel_depth = (png_byte)(8 * info->channels);
  info->rowbytes = (size_t)width * info->channels;
  info->color_type = with_alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB;
}

/* Whether this is the one case that is written here: 8 bits of red, green and blue, and the filler behind them. */
int sandbox_png_read_filler(png_row_infop info, png_bytep row, png_uint_32 filler, png_uint_32 flags) {
  if (info->color_type != PNG_COLOR_TYPE_RGB || info->bit_depth != 8 || (flags & PNG_FLAG_FILLER_AFTER) == 0)
    return 0;
  for (png_uint_32 i = info->width; i-- != 0;) {
    png_const_bytep from = row + (size_t)i * 3;
    uint16_t red_green;
    memcpy(&red_green, from, sizeof red_green);
    store32(row + (size_t)i * 4, red_green | (uint32_t)from[2] << 16 | filler << 24);
  }
  info->channels = 4;
  info->pixel_depth = 32;
  info->rowbytes = (size_t)info->width * 4;
  return 1;
}
