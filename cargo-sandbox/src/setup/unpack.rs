//! Unpacks an archive that could have been made by anybody: nothing is ever written outside the folder.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use super::SetupError;

/// A wasi-sdk unpacks to about 500 MB; this is a bomb's limit, in bytes.
const LARGEST: u64 = 8 << 30;

pub(super) fn tar_gz(archive: &File, folder: &Path) -> Result<(), SetupError> {
    tar(GzDecoder::new(BufReader::new(archive)).take(LARGEST), folder)
}

fn tar(stream: impl Read, folder: &Path) -> Result<(), SetupError> {
    let broken = |error: std::io::Error| refused(format!("it is damaged: {error}"));
    let mut archive = Archive::new(stream);
    archive.set_preserve_mtime(false);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let path = entry.path().map_err(broken)?.into_owned();
        if depth(&path).is_none() {
            return Err(refused(format!("{} is a path out of its folder", path.display())));
        }
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse | EntryType::Directory => {}
            EntryType::XGlobalHeader => continue,
            kind @ (EntryType::Symlink | EntryType::Link) => {
                let target = entry.link_name().map_err(broken)?.unwrap_or_default().into_owned();
                // A symbolic link is relative to its own folder, a hard link to the archive's root.
                let from = if kind == EntryType::Symlink { path.parent().unwrap_or(Path::new("")) } else { Path::new("") };
                if target.is_absolute() || depth(&from.join(&target)).is_none_or(|depth| depth < 1) {
                    return Err(refused(format!("{} links to {}, out of its folder", path.display(), target.display())));
                }
            }
            kind => return Err(refused(format!("{} is of the kind {kind:?}", path.display()))),
        }
        // The crate checks once more, against what is on the disk by now (a link that an earlier entry made).
        let unpacked = entry.unpack_in(folder).map_err(broken)?;
        if !unpacked {
            return Err(refused(format!("{} is a path out of its folder", path.display())));
        }
    }
    Ok(())
}

fn refused(reason: String) -> SetupError {
    SetupError::Archive { reason }
}

/// How deep under the root a path ends, or `None` if it starts elsewhere or leaves the root on its way.
fn depth(path: &Path) -> Option<i32> {
    let mut depth = 0_i32;
    for component in path.components() {
        depth = match component {
            Component::Normal(_) => depth.checked_add(1)?,
            Component::CurDir => depth,
            Component::ParentDir => depth.checked_sub(1).filter(|depth| *depth >= 0)?,
            Component::RootDir | Component::Prefix(_) => return None,
        };
    }
    Some(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_follows_the_path_step_by_step() {
        for (path, expected) in
            [("a/b", Some(2)), ("./a", Some(1)), ("a/../b", Some(1)), ("a/../../b", None), ("../a", None), ("/a", None), ("", Some(0))]
        {
            assert_eq!(depth(Path::new(path)), expected, "{path}");
        }
    }
}
