/* Tasks for zlib and libpng that need nothing from outside: the same for the guest and for this machine. */
#include "driver.h"

#include <png.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TEXT = 1 << 20, SIZE = 512, PIXELS = SIZE * SIZE * 4 };

static unsigned char *text, *packed, *scratch, *pixels, *picture, *file;
static uLongf packed_length;
static png_alloc_size_t picture_length, file_room;
static volatile unsigned long sink;

static uint32_t state = 1;

static uint32_t next(void) {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

static png_image image(void) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = SIZE;
  image.height = SIZE;
  image.format = PNG_FORMAT_RGBA;
  return image;
}

int driver_prepare(void) {
  static const char *const words[] = {"the ", "guest ", "memory ", "of ", "a ", "sandbox ", "is ", "never ", "trusted, ", "and ", "checked ", "before ", "use.\n"};
  text = malloc(TEXT + 16);
  packed = malloc(TEXT + TEXT / 2);
  scratch = malloc(TEXT + TEXT / 2);
  pixels = malloc(PIXELS);
  file_room = 2 * PIXELS;
  picture = malloc(file_room);
  file = malloc(file_room);
  if (!text || !packed || !scratch || !pixels || !picture || !file)
    return 0;
  for (int length = 0; length < TEXT;) {
    const char *word = words[(next() % 13 * (next() % 13)) / 13];
    for (; *word && length < TEXT; word++)
      text[length++] = (unsigned char)*word;
    if (next() % 7 == 0 && length < TEXT)
      text[length++] = (unsigned char)('0' + next() % 10);
  }
  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++) {
      unsigned char *pixel = pixels + (y * SIZE + x) * 4;
      unsigned noise = next() % 12;
      pixel[0] = (unsigned char)((x * y / 600 + noise) & 255);
      pixel[1] = (unsigned char)((x / 3 + noise) & 255);
      pixel[2] = (unsigned char)((y / 2 + (x ^ y) / 16 + noise) & 255);
      pixel[3] = 255;
    }
  packed_length = TEXT + TEXT / 2;
  if (compress2(packed, &packed_length, text, TEXT, 6) != Z_OK)
    return 0;
  png_image write = image();
  picture_length = file_room;
  return png_image_write_to_memory(&write, picture, &picture_length, 0, pixels, 0, NULL) != 0;
}

int driver_deflate(void) {
  uLongf length = TEXT + TEXT / 2;
  return compress2(scratch, &length, text, TEXT, 6) == Z_OK && length == packed_length;
}

int driver_inflate(void) {
  uLongf length = TEXT;
  return uncompress(scratch, &length, packed, packed_length) == Z_OK && length == TEXT;
}

int driver_crc32(void) {
  sink = crc32(0, text, TEXT);
  return sink != 0;
}

int driver_adler32(void) {
  sink = adler32(1, text, TEXT);
  return sink != 0;
}

int driver_decode(void) {
  png_image read;
  memset(&read, 0, sizeof read);
  read.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&read, picture, picture_length))
    return 0;
  read.format = PNG_FORMAT_RGBA;
  return png_image_finish_read(&read, NULL, file, 0, NULL) && memcmp(file, pixels, PIXELS) == 0;
}

int driver_encode(void) {
  png_image write = image();
  png_alloc_size_t length = file_room;
  return png_image_write_to_memory(&write, file, &length, 0, pixels, 0, NULL) && length == picture_length;
}
