//! The guest's files: a tree of directories in memory, which nobody can change.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::super::wasi::Errno;
use super::host::Folder;

/// As many bytes as a path has at most, as POSIX's `PATH_MAX`: what a look-up costs is bounded by it.
const PATH_MAX: usize = 4096;
/// As many bytes as a name has at most, as POSIX's `NAME_MAX`.
const NAME_MAX: usize = 255;

/// Where the root is among the nodes.
pub(super) const ROOT: Index = Index(0);

/// A node of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::imports) struct Index(usize);

impl Index {
    /// The number that C calls `st_ino`. Zero means that there is none.
    pub(super) fn inode(self) -> u64 {
        u64::try_from(self.0).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// A file or a directory.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) name: Box<str>,
    pub(super) parent: Index,
    pub(super) content: Content,
}

#[derive(Clone)]
pub(super) enum Content {
    File(Arc<[u8]>),
    Directory(Directory),
    /// Where the host's file system goes on.
    #[cfg_attr(not(feature = "host-folder"), allow(dead_code, reason = "there are none"))]
    Folder(Folder),
}

/// What a path leads to.
pub(super) enum Found<'a> {
    Node(Index),
    /// What this path leads to from a folder of the host's, if anything.
    Host(&'a Folder, &'a str),
}

/// A directory's entries.
#[derive(Clone, Default)]
pub(super) struct Directory {
    by_name: BTreeMap<Box<str>, Index>,
    /// In the order in which they were made: a place in it is what a guest that lists a directory comes back with.
    pub(super) entries: Vec<Index>,
}

/// Directories and files, in the order in which they were made. The first is the root.
#[derive(Clone)]
pub(crate) struct Tree(Vec<Node>);

/// Without what is in the files.
impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files and directories", self.0.len())
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self(vec![Node { name: "/".into(), parent: ROOT, content: Content::Directory(Directory::default()) }])
    }
}

impl Tree {
    /// Adds a file with the directories that it lies in, or says why it cannot be there.
    pub(crate) fn add(&mut self, path: &str, bytes: Arc<[u8]>) -> Result<(), &'static str> {
        self.put(path, Content::File(bytes))
    }

    /// Adds a folder of the host's with the directories that it lies in, or says why it cannot be there.
    #[cfg(feature = "host-folder")]
    pub(crate) fn add_folder(&mut self, path: &str, folder: Folder) -> Result<(), &'static str> {
        self.put(path, Content::Folder(folder))
    }

    fn put(&mut self, path: &str, content: Content) -> Result<(), &'static str> {
        let Some(inner) = path.strip_prefix('/') else { return Err("a path begins with `/`") };
        if path.len() > PATH_MAX {
            return Err("a path has at most 4096 bytes");
        }
        if path.contains('\0') {
            return Err("a path has no NUL in it");
        }
        let mut names = inner.split('/').peekable();
        if names.clone().any(|name| name.is_empty() || name == "." || name == ".." || name.len() > NAME_MAX) {
            return Err("each name in a path has 1 to 255 bytes, and is neither `.` nor `..`");
        }
        let mut at = ROOT;
        while let Some(name) = names.next() {
            let last = names.peek().is_none();
            let next = match self.entry(at, name) {
                Some(next) => next,
                None if last => self.append(at, name, content.clone()),
                None => self.append(at, name, Content::Directory(Directory::default())),
            };
            match (self.0.get_mut(next.0).map(|node| &mut node.content), last) {
                (Some(place @ (Content::File(_) | Content::Folder(_))), true) => *place = content.clone(),
                (Some(Content::Directory(_)), false) => {}
                (_, true) => return Err("there is a directory of that name, which another file lies in"),
                (Some(Content::Folder(_)), false) => return Err("it lies in a folder of the host's"),
                (_, false) => return Err("it lies in another file"),
            }
            at = next;
        }
        Ok(())
    }

    fn append(&mut self, parent: Index, name: &str, content: Content) -> Index {
        let index = Index(self.0.len());
        self.0.push(Node { name: name.into(), parent, content });
        if let Some(Node { content: Content::Directory(directory), .. }) = self.0.get_mut(parent.0) {
            directory.by_name.insert(name.into(), index);
            directory.entries.push(index);
        }
        index
    }

    fn entry(&self, directory: Index, name: &str) -> Option<Index> {
        match &self.get(directory)?.content {
            Content::Directory(directory) => directory.by_name.get(name).copied(),
            Content::File(_) | Content::Folder(_) => None,
        }
    }

    pub(super) fn get(&self, index: Index) -> Option<&Node> {
        self.0.get(index.0)
    }

    /// Finds what a path of the guest's leads to from a directory. It never leads out of that.
    pub(super) fn find<'a>(&'a self, from: Index, path: &'a [u8]) -> Result<Found<'a>, Errno> {
        let mut way = Vec::new();
        let mut at = from;
        let mut rest = Some(checked(path)?);
        while let Some(path) = rest {
            let (name, later) = path.split_once('/').map_or((path, None), |(name, later)| (name, Some(later)));
            rest = later;
            if name.len() > NAME_MAX {
                return Err(Errno::NAMETOOLONG);
            }
            match self.get(at).map(|node| &node.content) {
                // Also for the nothing behind a slash at the end.
                Some(Content::File(_)) => return Err(Errno::NOTDIR),
                Some(Content::Folder(folder)) => return Ok(Found::Host(folder, path)),
                _ => {}
            }
            match name {
                "" | "." => {}
                ".." => at = way.pop().ok_or(Errno::NOTCAPABLE)?,
                name => {
                    way.push(at);
                    at = self.entry(at, name).ok_or(Errno::NOENT)?;
                }
            }
        }
        Ok(match self.get(at).map(|node| &node.content) {
            Some(Content::Folder(folder)) => Found::Host(folder, "."),
            _ => Found::Node(at),
        })
    }
}

/// Checks what every path of the guest's must be: relative text of a bounded length.
pub(super) fn checked(path: &[u8]) -> Result<&str, Errno> {
    if path.len() > PATH_MAX {
        return Err(Errno::NAMETOOLONG);
    }
    let path = std::str::from_utf8(path).map_err(|_| Errno::ILSEQ)?;
    if path.is_empty() {
        return Err(Errno::NOENT);
    }
    if path.contains('\0') {
        return Err(Errno::INVAL);
    }
    if path.starts_with('/') {
        return Err(Errno::NOTCAPABLE);
    }
    Ok(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for path in paths {
            tree.add(path, path.as_bytes().into()).unwrap();
        }
        tree
    }

    fn content(tree: &Tree, path: &str) -> Result<Option<Vec<u8>>, Errno> {
        let found = find(tree, ROOT, path.as_bytes())?;
        Ok(match &tree.get(found).unwrap().content {
            Content::File(bytes) => Some(bytes.to_vec()),
            _ => None,
        })
    }

    fn find(tree: &Tree, from: Index, path: &[u8]) -> Result<Index, Errno> {
        match tree.find(from, path)? {
            Found::Node(index) => Ok(index),
            Found::Host(..) => panic!("there is no folder"),
        }
    }

    #[test]
    fn a_path_of_the_hosts_is_absolute_and_plain() {
        let long = format!("/{}", "a/".repeat(2048));
        let name = format!("/{}", "a".repeat(256));
        for path in ["", "a", "/", "//a", "/a/", "/./a", "/a/..", "/a\0b", &long, &name] {
            assert!(Tree::default().add(path, [].into()).is_err(), "{path:?}");
        }
        let longest = "/ab".repeat(1365) + "/";
        assert_eq!(longest.len(), PATH_MAX);
        let mut tree = Tree::default();
        tree.add(&(longest + "a")[..PATH_MAX - 1], [].into()).unwrap();
    }

    #[test]
    fn a_name_is_a_file_or_a_directory() {
        let mut tree = tree(&["/a", "/b/c"]);
        assert!(tree.add("/a/x", [].into()).is_err());
        assert!(tree.add("/b", [].into()).is_err());
        tree.add("/a", b"again"[..].into()).unwrap();
        assert_eq!(content(&tree, "a"), Ok(Some(b"again".to_vec())));
        assert_eq!(tree.0.len(), 4);
    }

    #[test]
    fn a_path_of_the_guests_leads_to_what_is_there_or_is_an_error() {
        let tree = tree(&["/a", "/b/c", "/b/d/e"]);
        let long = "./".repeat(2049);
        let name = "a".repeat(256);
        let cases: &[(&str, Result<Option<&str>, Errno>)] = &[
            ("a", Ok(Some("/a"))),
            ("b/c", Ok(Some("/b/c"))),
            ("./b//./d/e", Ok(Some("/b/d/e"))),
            ("b/d/../c", Ok(Some("/b/c"))),
            ("b/d/../../a", Ok(Some("/a"))),
            (".", Ok(None)),
            ("b/", Ok(None)),
            ("b/..", Ok(None)),
            ("", Err(Errno::NOENT)),
            ("x", Err(Errno::NOENT)),
            ("x/../a", Err(Errno::NOENT)),
            ("a/", Err(Errno::NOTDIR)),
            ("a/.", Err(Errno::NOTDIR)),
            ("a/..", Err(Errno::NOTDIR)),
            ("a/x", Err(Errno::NOTDIR)),
            ("..", Err(Errno::NOTCAPABLE)),
            ("../a", Err(Errno::NOTCAPABLE)),
            ("b/../../b/c", Err(Errno::NOTCAPABLE)),
            ("/a", Err(Errno::NOTCAPABLE)),
            ("a\0", Err(Errno::INVAL)),
            (&long, Err(Errno::NAMETOOLONG)),
            (&name, Err(Errno::NAMETOOLONG)),
        ];
        for (path, expected) in cases {
            let expected = expected.map(|found| found.map(|path| path.as_bytes().to_vec()));
            assert_eq!(content(&tree, path), expected, "{path:?}");
        }
        assert_eq!(find(&tree, ROOT, b"\xff\xfe"), Err(Errno::ILSEQ));
    }

    #[test]
    fn no_path_leads_out_of_the_directory_that_it_starts_from() {
        let tree = tree(&["/a", "/b/c"]);
        let b = find(&tree, ROOT, b"b").unwrap();
        assert_eq!(find(&tree, b, b"../a"), Err(Errno::NOTCAPABLE));
        assert_eq!(find(&tree, b, b"c/../../a"), Err(Errno::NOTDIR));
        assert!(find(&tree, b, b"c").is_ok());
    }
}
