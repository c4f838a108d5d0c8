//! Machine code of single functions, kept from one build to the next: one more name in a list of
//! functions makes another module, in which nearly all functions are the old ones.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use wasmtime::CacheStore;

use crate::Error;

/// Machine code by its key, and whether this build has use for it.
type Entries = HashMap<Vec<u8>, (Vec<u8>, AtomicBool)>;

/// What Cranelift made of functions, by its own keys: the content of a function, the target, each
/// setting, and the version of Cranelift. (And with 0.135 the exception tables of what the same
/// thread compiled before, so that some functions are compiled again for nothing.)
#[derive(Debug, Default)]
pub(crate) struct Functions {
    /// Of earlier builds.
    earlier: Entries,
    new: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let (code, used) = self.earlier.get(key)?;
        used.store(true, Ordering::Relaxed);
        Some(Cow::Borrowed(code))
    }

    fn insert(&self, key: &[u8], code: Vec<u8>) -> bool {
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_vec(), code);
        true
    }
}

impl Functions {
    /// Reads what an earlier build has written: nothing, if the file is not as it was written.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        Self { earlier: entries(&bytes).unwrap_or_default(), new: Mutex::default() }
    }

    /// Counts what this build had to compile.
    #[cfg(test)]
    pub(crate) fn made(&self) -> usize {
        self.new.lock().unwrap().len()
    }

    /// Writes what this build has used or made.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.earlier.iter().filter(|(_, (_, used))| used.load(Ordering::Relaxed)).map(|(key, (code, _))| (key, code));
        let mut bytes = Vec::new();
        for part in used.chain(new.iter()).flat_map(|(key, code)| [key, code]) {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        std::fs::write(path, bytes).map_err(Error::io("write", path))
    }
}

/// Reads the entries of a file: keys and code in turn, each with its length in front, and behind
/// all of them their digest.
fn entries(bytes: &[u8]) -> Option<Entries> {
    let (mut rest, digest) = bytes.split_last_chunk::<32>()?;
    if Sha256::digest(rest).as_slice() != digest {
        return None;
    }
    let mut part = || {
        let (length, behind) = rest.split_first_chunk()?;
        let (part, behind) = behind.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        rest = behind;
        Some(part.to_vec())
    };
    let mut entries = Entries::new();
    while let Some(key) = part() {
        entries.insert(key, (part()?, AtomicBool::new(false)));
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_used_or_made_is_there_for_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("functions");
        let first = Functions::read(&path);
        assert!(first.get(b"a").is_none());
        assert!(first.insert(b"a", b"code of a".to_vec()) && first.insert(b"b", Vec::new()));
        first.write(&path).unwrap();
        let second = Functions::read(&path);
        assert_eq!(second.get(b"a").as_deref(), Some(&b"code of a"[..]));
        second.insert(b"c", b"code of c".to_vec());
        second.write(&path).unwrap();
        let third = Functions::read(&path);
        assert_eq!(third.get(b"a").as_deref(), Some(&b"code of a"[..]));
        assert_eq!(third.get(b"c").as_deref(), Some(&b"code of c"[..]));
        assert!(third.get(b"b").is_none(), "nobody used it");
    }

    #[test]
    fn a_damaged_file_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("functions");
        let functions = Functions::default();
        functions.insert(b"a", b"code".to_vec());
        functions.write(&path).unwrap();
        let good = std::fs::read(&path).unwrap();
        for index in 0..good.len() {
            let mut bad = good.clone();
            bad[index] ^= 1;
            std::fs::write(&path, &bad).unwrap();
            assert!(Functions::read(&path).earlier.is_empty(), "byte {index}");
            std::fs::write(&path, &good[..index]).unwrap();
            assert!(Functions::read(&path).earlier.is_empty(), "cut at {index}");
        }
    }
}
