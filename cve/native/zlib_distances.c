/* CVE-2018-25032, natively: compresses with fixed codes and little memory. See src/zlib_distances.rs. */
#include <string.h>
#include <zlib.h>

#include "input.h"

int main(void) {
    size_t length;
    unsigned char *data = read_input(&length), *output;
    z_stream strm;
    int code;
    memset(&strm, 0, sizeof strm);
    if (!data || deflateInit2(&strm, 9, Z_DEFLATED, 15, 1, Z_FIXED) != Z_OK) return 2;
    strm.next_in = data;
    strm.avail_in = length;
    strm.avail_out = 2 * length + 1000;
    strm.next_out = output = malloc(strm.avail_out);
    if (!output) return 2;
    code = deflate(&strm, Z_FINISH);
    deflateEnd(&strm);
    free(data), free(output);
    return code == Z_STREAM_END ? 0 : 1;
}
