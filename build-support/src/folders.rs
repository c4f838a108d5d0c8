//! Names of source files without what is in front of a source folder: it names the machine that built, and tells nobody anything.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders that file names are relative to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folders(Vec<PathBuf>);

impl Folders {
    /// Takes these folders, and that of each source which is in none of them.
    pub(crate) fn new<'a>(folders: impl IntoIterator<Item = PathBuf>, sources: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut folders: Vec<PathBuf> = folders.into_iter().filter(|folder| folder.parent().is_some()).collect();
        for source in sources {
            if !folders.iter().any(|folder| source.starts_with(folder)) {
                folders.extend(source.parent().map(Path::to_owned));
            }
        }
        folders.sort_by_key(|folder| folder.as_os_str().len());
        folders.dedup();
        Self(folders)
    }

    /// Returns the flags that make `__FILE__`, which is in the message of an assertion, such a name. For the compiler the last that fits counts.
    pub(crate) fn flags(&self) -> impl Iterator<Item = OsString> {
        let plain = self.0.iter().filter(|folder| !folder.to_string_lossy().contains('='));
        plain.map(|folder| {
            let mut flag = OsString::from("-fmacro-prefix-map=");
            // With the separator at the end, and once.
            flag.push(folder.join(""));
            flag.push("=");
            flag
        })
    }

    /// Returns the name of a file: relative to the innermost folder that it is in, else without any folder.
    pub(crate) fn name(&self, path: &Path) -> String {
        let below = self.0.iter().rev().find_map(|folder| path.strip_prefix(folder).ok());
        let name = below.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
        name.to_string_lossy().replace('\\', "/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_innermost_folder() {
        let folders = Folders::new(["/a/b/c", "/a", "/", "/a/b/c"].map(PathBuf::from), ["/a/b/y.c", "/d/e/y.c"].map(Path::new));
        for (path, name) in [
            ("/a/b/c/x.c", "x.c"),
            ("/a/b/c/d/x.c", "d/x.c"),
            ("/a/b/x.c", "b/x.c"),
            ("/d/e/y.c", "y.c"),
            ("/d/e/f/y.c", "f/y.c"),
            ("/home/somebody/x.c", "x.c"),
            ("./build/libc/crt1.c", "crt1.c"),
        ] {
            assert_eq!(folders.name(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn the_flag_of_the_innermost_folder_is_the_last() {
        let folders = Folders::new(["/a/b", "/a/", "/with=sign"].map(PathBuf::from), []);
        let flags: Vec<_> = folders.flags().collect();
        assert_eq!(flags, ["-fmacro-prefix-map=/a/=", "-fmacro-prefix-map=/a/b/="]);
    }
}
