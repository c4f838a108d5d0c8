// The C files, for the build script too.

const ZLIB: [&str; 10] =
    ["adler32.c", "compress.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "uncompr.c", "zutil.c"];
const LIBPNG: [&str; 15] = [
    "png.c", "pngerror.c", "pngget.c", "pngmem.c", "pngpread.c", "pngread.c", "pngrio.c", "pngrtran.c", "pngrutil.c", "pngset.c", "pngtrans.c",
    "pngwio.c", "pngwrite.c", "pngwtran.c", "pngwutil.c",
];
