/* CVE-2022-37434, natively: decompresses a gzip file as it comes in, and asks for its extra field. See src/zlib_header.rs. */
#include <string.h>
#include <zlib.h>

#include "input.h"

enum { EXTRA = 16, PIECE = 512, OUTPUT = 100 };

int main(void) {
    size_t length, at = 0;
    unsigned char *file = read_input(&length), *piece = malloc(PIECE), *extra = malloc(EXTRA), *output = malloc(OUTPUT);
    z_stream strm;
    gz_header header;
    int code = Z_OK;
    if (!file || !piece || !extra || !output) return 2;
    memset(&strm, 0, sizeof strm);
    memset(&header, 0, sizeof header);
    header.extra = extra;
    header.extra_max = EXTRA;
    if (inflateInit2(&strm, 31) != Z_OK || inflateGetHeader(&strm, &header) != Z_OK) return 2;
    strm.next_out = output;
    strm.avail_out = OUTPUT;
    while (code == Z_OK && at < length) {
        strm.next_in = piece;
        strm.avail_in = length - at < PIECE ? length - at : PIECE;
        memcpy(piece, file + at, strm.avail_in);
        at += strm.avail_in;
        code = inflate(&strm, Z_NO_FLUSH);
    }
    inflateEnd(&strm);
    free(file), free(piece), free(extra), free(output);
    return code == Z_STREAM_END ? 0 : 1;
}
