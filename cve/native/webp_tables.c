/* CVE-2023-4863, natively: decodes an image. See src/webp_tables.rs. */
#include <src/webp/decode.h>

#include "input.h"

enum { LARGEST = 64 };

int main(void) {
    size_t length, size;
    unsigned char *file = read_input(&length), *pixels, *decoded;
    int width, height;
    if (!file || !WebPGetInfo(file, length, &width, &height) || width > LARGEST || height > LARGEST) return 2;
    size = (size_t)width * height * 4;
    pixels = malloc(size);
    if (!pixels) return 2;
    decoded = WebPDecodeRGBAInto(file, length, pixels, size, width * 4);
    free(file), free(pixels);
    return decoded ? 0 : 1;
}
