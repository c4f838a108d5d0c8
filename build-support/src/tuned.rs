//! Hot functions of well-known libraries, written for Wasm.

use std::path::{Path, PathBuf};

use crate::cargo::Directives;
use crate::source::Resolved;
use crate::{Error, Part};

/// A library that build-support has hot functions of, written for Wasm; for `tuned` of a [`Library`](crate::Library) or [`Part`].
///
/// Sandboxed zlib and libpng are 1.3 to 1.5 times slower than native ones, and with these functions about as fast (`docs/guest-code.md` has the figures). They run in the sandbox like the rest of the library, and nothing
/// about them is trusted. They give the bytes, codes and messages that the library's own give, which tests hold them to; the exceptions are below.
///
/// Each is C that is compiled in place of a source file or beside the sources, where the file in question is among those of the same part; `tuned` can be called before or after they are named. What a function's caller in
/// the library looks like must be known: where it does not, a warning says so, and the library's own function stays. It is an error if the sources are not those of this library, or are compiled without SIMD.
///
/// # Examples
///
/// ```no_run
/// build_support::Library::new("zlib")
///     .source_dir(build_support::crate_source("libz-sys").join("src/zlib"))
///     .files(["adler32.c", "crc32.c", "inffast.c", "inflate.c", "inftrees.c", "zutil.c"])
///     .tuned(build_support::Tuned::Zlib)
///     .header("zlib.h")
///     .allow_function("inflate(Init_|End)?|crc32")
///     .compile();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tuned {
    /// The original zlib, 1.2.9 and later (tested: 1.3.2): `crc32`, `adler32`, the inner loop of `inflate`, and the search for matches of `deflate`.
    ///
    /// It is about `inffast.c`, `inflate.c`, `deflate.c`, `adler32.c` and `crc32.c`. `inflate` may write to all the room that it is given, also behind what it says that it has written: nothing may be kept there, input neither. `inflateBack` refuses each match that
    /// reaches what was never written; zlib lets some pass. A `crc32` of 2,400 bytes or more takes 7 KiB of stack. Not with `FASTEST` or `INFLATE_ALLOW_INVALID_DISTANCE_TOOFAR_ARRR`, nor twice in one module.
    Zlib,
    /// libpng 1.6 (tested: 1.6.50): the filters of rows that are read, for pixels of 3, 4, 6 and 8 bytes; the choice of a filter for rows that are written; palettes to colours, and 8-bit colours to those with alpha.
    ///
    /// It is about `pngrtran.c`, `pngrutil.c`, `pngwrite.c` and `pngwutil.c`, and defines `PNG_FILTER_OPTIMIZATIONS`. Use it together with [`Tuned::Zlib`], which is what most of the time is spent in.
    Libpng,
}

/// What is different for one library.
struct Kit {
    name: &'static str,
    /// A file without which this is another library. The others are looked for beside it.
    sign: &'static str,
    changes: &'static [Change],
    defines: &'static [(&'static str, &'static str)],
}

/// One file that is compiled differently.
enum Change {
    /// A file in place of one, which it may include.
    Instead { of: &'static str, name: &'static str, text: &'static str },
    /// A file beside the others, where another is among them.
    Beside { with: &'static str, name: &'static str, text: &'static str },
    /// Places in a file: what is there, how often, and what takes its place.
    Within { file: &'static str, places: &'static [(&'static str, usize, &'static str)] },
}

const ZLIB: Kit = Kit {
    name: "Zlib",
    sign: "zutil.c",
    changes: &[
        Change::Instead { of: "inffast.c", name: "zlib_inffast.c", text: include_str!("tuned/zlib_inffast.c") },
        Change::Instead { of: "adler32.c", name: "zlib_adler32.c", text: include_str!("tuned/zlib_adler32.c") },
        Change::Instead { of: "crc32.c", name: "zlib_crc32.c", text: include_str!("tuned/zlib_crc32.c") },
        Change::Beside { with: "deflate.c", name: "zlib_match.c", text: include_str!("tuned/zlib_match.c") },
        Change::Within {
            file: "deflate.c",
            places: &[(
                "s->match_length = longest_match (s, hash_head);",
                2,
                "extern uInt sandbox_longest_match(deflate_state *, IPos); s->match_length = sandbox_longest_match(s, hash_head);",
            )],
        },
        // Our loop needs no room for a whole match: rows of a picture are shorter than that, or end with so much.
        Change::Within {
            file: "inflate.c",
            places: &[
                ("if (have >= 6 && left >= 258) {", 1, "if (have >= 6 && left != 0) {"),
                ("inflate_fast(strm, out);", 1, "extern void sandbox_inflate_fast(z_streamp, unsigned); sandbox_inflate_fast(strm, out);"),
            ],
        },
    ],
    defines: &[],
};

const LIBPNG: Kit = Kit {
    name: "Libpng",
    sign: "png.c",
    changes: &[
        Change::Beside {
            with: "pngrutil.c",
            name: "libpng_filters.c",
            text: concat!(include_str!("tuned/libpng_predict.h"), include_str!("tuned/libpng_filters.c")),
        },
        Change::Beside { with: "pngrtran.c", name: "libpng_expand.c", text: include_str!("tuned/libpng_expand.c") },
        Change::Within {
            file: "pngrtran.c",
            places: &[
                (
                    "png_do_expand_palette(png_ptr, row_info, png_ptr->row_buf + 1,",
                    1,
                    "extern void sandbox_png_expand_palette(png_row_infop, png_bytep, png_const_colorp, png_const_bytep, int); \
                     sandbox_png_expand_palette(row_info, png_ptr->row_buf + 1,",
                ),
                (
                    "if ((png_ptr->transformations & PNG_FILLER) != 0)",
                    1,
                    "extern int sandbox_png_read_filler(png_row_infop, png_bytep, png_uint_32, png_uint_32); \
                     if ((png_ptr->transformations & PNG_FILLER) != 0 && \
                     !sandbox_png_read_filler(row_info, png_ptr->row_buf + 1, (png_uint_32)png_ptr->filler, png_ptr->flags))",
                ),
            ],
        },
        Change::Beside {
            with: "pngwutil.c",
            name: "libpng_choose.c",
            text: concat!(include_str!("tuned/libpng_predict.h"), include_str!("tuned/libpng_choose.c")),
        },
        Change::Within {
            file: "pngwrite.c",
            places: &[(
                "png_write_find_filter(png_ptr, &row_info);",
                1,
                "extern void sandbox_png_write_find_filter(png_structrp, png_row_infop); sandbox_png_write_find_filter(png_ptr, &row_info);",
            )],
        },
    ],
    defines: &[("PNG_FILTER_OPTIMIZATIONS", "sandbox_png_filters")],
};

impl Tuned {
    const fn kit(self) -> &'static Kit {
        match self {
            Self::Zlib => &ZLIB,
            Self::Libpng => &LIBPNG,
        }
    }

    /// The macros that the library's own files are compiled with.
    pub(crate) fn defines(self) -> impl Iterator<Item = (String, Option<String>)> {
        self.kit().defines.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
    }
}

/// Puts the tuned files of a part among its sources. They are written to a folder that is the part's own.
pub(crate) fn apply(
    library: &str,
    part: &Part,
    simd: bool,
    resolved: &mut Resolved,
    folder: &Path,
    directives: &mut Directives,
) -> Result<(), Error> {
    for tuned in &part.tuned {
        let kit = tuned.kit();
        let usage = |what: String| Error::usage(library, format!("`.tuned(Tuned::{})` {what}", kit.name));
        if !simd {
            return Err(usage("needs SIMD; leave out `.simd(false)`, or this".to_owned()));
        }
        let sign = resolved.files.iter().find(|file| file.file_name().is_some_and(|name| name == kit.sign)).cloned();
        let Some(home) = sign.as_deref().and_then(Path::parent) else {
            let sign = kit.sign;
            return Err(usage(format!(
                "is for sources with a `{sign}`, and there is none: is it missing from `.files(…)`, or are those in another `.library(…)`?"
            )));
        };
        // Their own headers, and for some the file itself, are included.
        if !resolved.includes.iter().any(|folder| folder == home) {
            resolved.includes.insert(0, home.to_owned());
        }
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let write = |name: &str, text: &str| -> Result<PathBuf, Error> {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(Error::io("write", &path))?;
            Ok(path)
        };
        for change in kit.changes {
            let (Change::Instead { of: name, .. } | Change::Beside { with: name, .. } | Change::Within { file: name, .. }) = change;
            let Some(file) = resolved.files.iter_mut().find(|file| **file == home.join(name)) else { continue };
            match change {
                Change::Instead { name, text, .. } => *file = write(name, text)?,
                Change::Beside { name, text, .. } => resolved.files.push(write(name, text)?),
                Change::Within { places, .. } => {
                    let text = std::fs::read(&*file).map_err(Error::io("read", &*file))?;
                    match changed(&String::from_utf8_lossy(&text), places) {
                        // Diagnostics and traces name the file that it was.
                        Ok(text) => {
                            directives.rerun_if_changed(file);
                            *file = write(name, &format!("#line 1 {:?}\n{text}", file.display().to_string()))?;
                        }
                        Err(place) => directives.warning(&format!(
                            "library `{library}`: `.tuned(Tuned::{})` does not know this `{name}`, since it has no `{place}`, and leaves it as it is: {}",
                            kit.name,
                            file.display()
                        )),
                    }
                }
            }
        }
    }
    Ok(())
}

/// Changes places in a text: all, or none and which one is not there as often as it is known.
fn changed(text: &str, places: &[(&'static str, usize, &str)]) -> Result<String, &'static str> {
    places.iter().try_fold(
        text.to_owned(),
        |text, (from, count, to)| {
            if text.matches(from).count() == *count { Ok(text.replace(from, to)) } else { Err(*from) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_changed_together_or_not_at_all() {
        let places = [("a(x)", 2, "b(x)"), ("c", 1, "d")];
        assert_eq!(changed("a(x); a(x); c;", &places).unwrap(), "b(x); b(x); d;");
        assert_eq!(changed("a(x); c;", &places).unwrap_err(), "a(x)");
        assert_eq!(changed("a(x); a(x);", &places).unwrap_err(), "c");
        assert_eq!(changed("a(x); a(x); c; c;", &places).unwrap_err(), "c");
    }
}
