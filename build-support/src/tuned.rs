//! Hot functions of well-known libraries, written for Wasm.

use std::path::{Path, PathBuf};

use crate::cargo::Directives;
use crate::source::Resolved;
use crate::{Error, Part};

/// A library that build-support has hot functions of, written for Wasm; for `tuned` of a [`Library`](crate::Library) or [`Part`].
///
/// They run in the sandbox like the rest of the library, and nothing about them is trusted. What they compute is what the library's own compute. They are C that is compiled in place of a source file, or beside the
/// sources, and keep to interfaces between the library's own files that have not changed for ten years; a version in which they have does not compile.
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
    /// zlib 1.2.9 and later: `crc32`, `adler32`, the inner loop of `inflate`, and the search for matches of `deflate`.
    ///
    /// Of zlib's sources, `inffast.c`, `inflate.c`, `deflate.c`, `adler32.c` and `crc32.c` are compiled differently, where they are there. `inflate` may write to all the room that it is given, also behind what it says that it has
    /// written.
    Zlib,
    /// libpng 1.6: the filters of rows that are read, for pixels of 3, 4, 6 and 8 bytes; the choice of a filter for rows that are written; palettes to colours, and 8-bit colours to those with alpha.
    ///
    /// Of libpng's sources, `pngrtran.c` and `pngwrite.c` are compiled differently, where they are there.
    Libpng,
}

/// What is different for one library.
struct Kit {
    name: &'static str,
    changes: &'static [Change],
    defines: &'static [(&'static str, &'static str)],
    /// A file without which this is another library.
    sign: &'static str,
}

/// One file that is compiled differently.
enum Change {
    /// A file, in the place of one that includes it or does without it.
    Instead { of: &'static str, name: &'static str, text: &'static str },
    /// A file beside the others, where another is among them.
    Beside { with: &'static str, name: &'static str, text: &'static str },
    /// Texts in a file, wherever they are there, and what takes their place.
    Within { file: &'static str, texts: &'static [(&'static str, &'static str)] },
}

const ZLIB: Kit = Kit {
    name: "Zlib",
    changes: &[
        Change::Instead { of: "inffast.c", name: "zlib_inffast.c", text: include_str!("tuned/zlib_inffast.c") },
        Change::Instead { of: "adler32.c", name: "zlib_adler32.c", text: include_str!("tuned/zlib_adler32.c") },
        Change::Instead { of: "crc32.c", name: "zlib_crc32.c", text: include_str!("tuned/zlib_crc32.c") },
        Change::Beside { with: "deflate.c", name: "zlib_match.c", text: include_str!("tuned/zlib_match.c") },
        Change::Within {
            file: "deflate.c",
            texts: &[(
                "s->match_length = longest_match (s, hash_head);",
                "extern uInt sandbox_longest_match(deflate_state *, IPos); s->match_length = sandbox_longest_match(s, hash_head);",
            )],
        },
        // Our loop needs no room for a whole match: rows of a picture are shorter than that, or end with so much.
        Change::Within { file: "inflate.c", texts: &[("if (have >= 6 && left >= 258) {", "if (have >= 6 && left != 0) {")] },
    ],
    defines: &[],
    sign: "zutil.c",
};

const LIBPNG: Kit = Kit {
    name: "Libpng",
    changes: &[
        Change::Beside { with: "pngrutil.c", name: "libpng_filters.c", text: include_str!("tuned/libpng_filters.c") },
        Change::Beside { with: "pngrtran.c", name: "libpng_expand.c", text: include_str!("tuned/libpng_expand.c") },
        Change::Within {
            file: "pngrtran.c",
            texts: &[
                (
                    "png_do_expand_palette(png_ptr, row_info, png_ptr->row_buf + 1,",
                    "extern void sandbox_png_expand_palette(png_row_infop, png_bytep, png_const_colorp, png_const_bytep, int); \
                     sandbox_png_expand_palette(row_info, png_ptr->row_buf + 1,",
                ),
                (
                    "if ((png_ptr->transformations & PNG_FILLER) != 0)",
                    "extern int sandbox_png_read_filler(png_row_infop, png_bytep, png_uint_32, png_uint_32); \
                     if ((png_ptr->transformations & PNG_FILLER) != 0 && \
                     !sandbox_png_read_filler(row_info, png_ptr->row_buf + 1, (png_uint_32)png_ptr->filler, png_ptr->flags))",
                ),
            ],
        },
        Change::Beside { with: "pngwutil.c", name: "libpng_choose.c", text: include_str!("tuned/libpng_choose.c") },
        Change::Within {
            file: "pngwrite.c",
            texts: &[(
                "png_write_find_filter(png_ptr, &row_info);",
                "extern void sandbox_png_write_find_filter(png_structrp, png_row_infop); sandbox_png_write_find_filter(png_ptr, &row_info);",
            )],
        },
    ],
    defines: &[("PNG_FILTER_OPTIMIZATIONS", "sandbox_png_filters")],
    sign: "pngrutil.c",
};

impl Tuned {
    const fn kit(self) -> Kit {
        match self {
            Self::Zlib => ZLIB,
            Self::Libpng => LIBPNG,
        }
    }

    /// The macros that the library's own files are compiled with.
    pub(crate) fn defines(self) -> impl Iterator<Item = (String, Option<String>)> {
        self.kit().defines.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
    }
}

/// Puts the tuned files of a part among its sources.
pub(crate) fn apply(library: &str, part: &Part, simd: bool, resolved: &mut Resolved, folder: &Path, directives: &mut Directives) -> Result<(), Error> {
    for tuned in &part.tuned {
        let kit = tuned.kit();
        let usage = |what: String| Error::usage(library, format!("`.tuned(Tuned::{})` {what}", kit.name));
        if !simd {
            return Err(usage("needs SIMD; leave out `.simd(false)`, or this".to_owned()));
        }
        if !resolved.files.iter().any(|file| named(file, kit.sign)) {
            let sign = kit.sign;
            return Err(usage(format!("is for sources with a `{sign}`, and there is none; call it in the same `.library(…)` as `.files(…)`")));
        }
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        for change in kit.changes {
            match *change {
                Change::Instead { of, name, text } => {
                    if let Some(file) = resolved.files.iter_mut().find(|file| named(file, of)) {
                        replace(file, &mut resolved.includes, folder.join(name), text)?;
                    }
                }
                Change::Beside { with, name, text } => {
                    if let Some(file) = resolved.files.iter().find(|file| named(file, with)) {
                        let mut beside = file.clone();
                        replace(&mut beside, &mut resolved.includes, folder.join(name), text)?;
                        resolved.files.push(beside);
                    }
                }
                Change::Within { file: name, texts } => {
                    if let Some(file) = resolved.files.iter_mut().find(|file| named(file, name)) {
                        let mut text = std::fs::read_to_string(&*file).map_err(Error::io("read", &*file))?;
                        directives.rerun_if_changed(file);
                        for (from, to) in texts {
                            if !text.contains(from) {
                                // What it computes is the same, at the library's own speed.
                                let what = format!("does not know this `{name}`, which has no `{from}`, and leaves it as it is");
                                directives.warning(&format!("library `{library}`: `.tuned(Tuned::{})` {what}", kit.name));
                            }
                            text = text.replace(from, to);
                        }
                        replace(file, &mut resolved.includes, folder.join(name), &text)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Compiles a text instead of a file, which it may include, and whose headers it does.
fn replace(file: &mut PathBuf, includes: &mut Vec<PathBuf>, path: PathBuf, text: &str) -> Result<(), Error> {
    includes.extend(file.parent().map(Path::to_owned));
    std::fs::write(&path, text).map_err(Error::io("write", &path))?;
    *file = path;
    Ok(())
}

fn named(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|file| file == name)
}
