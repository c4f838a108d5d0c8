//! Hot functions of well-known libraries, written for Wasm.

use std::path::{Path, PathBuf};

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
    /// zlib 1.2.9 and later: `crc32` and the inner loop of `inflate`, and zlib's own setting `UNALIGNED_OK`, with which `deflate` compares words.
    ///
    /// Of zlib's sources, `inffast.c` and `crc32.c` are compiled differently, where they are there. `inflate` may write to all the room that it is given, also behind what it says that it has written.
    Zlib,
    /// libpng 1.6: the filters of rows, for pixels of 3, 4, 6 and 8 bytes.
    Libpng,
}

/// What is different for one library.
struct Kit {
    name: &'static str,
    /// The file in whose place it is compiled, if there is one; its name; its text.
    files: &'static [(Option<&'static str>, &'static str, &'static str)],
    define: (&'static str, Option<&'static str>),
    /// A file without which this is another library.
    sign: &'static str,
}

const ZLIB: Kit = Kit {
    name: "Zlib",
    files: &[
        (Some("inffast.c"), "zlib_inffast.c", include_str!("tuned/zlib_inffast.c")),
        (Some("crc32.c"), "zlib_crc32.c", include_str!("tuned/zlib_crc32.c")),
    ],
    define: ("UNALIGNED_OK", None),
    sign: "zutil.c",
};

const LIBPNG: Kit = Kit {
    name: "Libpng",
    files: &[(None, "libpng_filters.c", include_str!("tuned/libpng_filters.c"))],
    define: ("PNG_FILTER_OPTIMIZATIONS", Some("sandbox_png_filters")),
    sign: "pngrutil.c",
};

impl Tuned {
    const fn kit(self) -> Kit {
        match self {
            Self::Zlib => ZLIB,
            Self::Libpng => LIBPNG,
        }
    }

    /// The macro that the library's own files are compiled with.
    pub(crate) fn define(self) -> (String, Option<String>) {
        let (name, value) = self.kit().define;
        (name.to_owned(), value.map(str::to_owned))
    }
}

/// Puts the tuned files of a part among its sources.
pub(crate) fn apply(library: &str, part: &Part, simd: bool, resolved: &mut Resolved, folder: &Path) -> Result<(), Error> {
    for tuned in &part.tuned {
        let kit = tuned.kit();
        let usage = |what: String| Error::usage(library, format!("`.tuned(Tuned::{})` {what}", kit.name));
        if !simd {
            return Err(usage("needs SIMD; leave out `.simd(false)`, or this".to_owned()));
        }
        if !resolved.files.iter().any(|file| named(file, kit.sign)) {
            return Err(usage(format!("is for sources with a `{}`, and there is none; call it where they are named, in the same `.library(…)`", kit.sign)));
        }
        for (replaced, name, text) in kit.files {
            let path = folder.join(name);
            match replaced {
                Some(replaced) => {
                    let Some(file) = resolved.files.iter_mut().find(|file| named(file, replaced)) else { continue };
                    // Its own headers, and for some the file itself, are included.
                    resolved.includes.extend(file.parent().map(Path::to_owned));
                    file.clone_from(&path);
                }
                None => resolved.files.push(path.clone()),
            }
            std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            std::fs::write(&path, text).map_err(Error::io("write", &path))?;
        }
    }
    Ok(())
}

fn named(file: &PathBuf, name: &str) -> bool {
    file.file_name().is_some_and(|file| file == name)
}
