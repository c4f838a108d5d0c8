//! Reads the dependency files that clang writes with `-MD`.

use std::path::{Path, PathBuf};

/// Returns the files that a dependency file names, without the target before the colon.
pub(crate) fn parse(text: &str) -> Vec<PathBuf> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let mut files = Vec::new();
    for line in joined.lines() {
        // A drive letter ("C:\x.o: …") has no space after its colon.
        let Some((_, list)) = line.split_once(": ") else {
            continue;
        };
        let mut current = String::new();
        let mut chars = list.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek() == Some(&' ') => {
                    current.push(' ');
                    chars.next();
                }
                '\\' if chars.peek() == Some(&'#') => {
                    current.push('#');
                    chars.next();
                }
                '$' if chars.peek() == Some(&'$') => {
                    current.push('$');
                    chars.next();
                }
                ' ' => {
                    if !current.is_empty() {
                        files.push(PathBuf::from(std::mem::take(&mut current)));
                    }
                }
                c => current.push(c),
            }
        }
        if !current.is_empty() {
            files.push(PathBuf::from(current));
        }
    }
    files
}

/// Returns the inputs of a compilation: the files of a dependency file that lie in none of the given folders.
///
/// The folders are the toolchain's own headers, which change only with the toolchain, and `OUT_DIR`: cargo takes a file
/// that the build script itself writes as changed, and would run the script each time.
pub(crate) fn inputs(text: &str, except: &[PathBuf]) -> Vec<PathBuf> {
    parse(text).into_iter().filter(|file| !is_below(file, except)).collect()
}

/// Says whether a file lies in one of the folders, symbolic links resolved.
pub(crate) fn is_below(file: &Path, folders: &[PathBuf]) -> bool {
    let real = file.canonicalize();
    let real = real.as_deref().unwrap_or(file);
    folders.iter().any(|folder| file.starts_with(folder) || real.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_lines_and_escaped_spaces_are_read() {
        let text = "out/a.o: src/a.c \\\n  /usr/inc/x.h my\\ dir/b.h \\\n  c$$d.h\n";
        let expected = ["src/a.c", "/usr/inc/x.h", "my dir/b.h", "c$d.h"];
        assert_eq!(parse(text), expected.map(PathBuf::from));
    }

    #[test]
    fn excepted_folders_are_left_out() {
        let inputs = inputs("a.o: a.c /sys/x.h", &[PathBuf::from("/sys")]);
        assert_eq!(inputs, [PathBuf::from("a.c")]);
    }
}
