//! Folders of the host's: what a guest reads there, and that it comes no further.

use std::fs::{self, File};
use std::path::Path;

use sandbox::{Error, Limits, Output, Sandbox};
use tempfile::TempDir;

use super::errno::{BADF, EXIST, INVAL, ISDIR, LOOP, MFILE, NAMETOOLONG, NOENT, NOSYS, NOTCAPABLE, NOTDIR, OVERFLOW, ROFS};
use super::files::{filled, kind, list, open, pread, read, read_at, sizes};
use super::hostile::{self, files};
use super::{Library, Sb, c_str, capabilities, value};

const TEXT: &[u8] = b"a line of text\nanother one\n";

/// A folder with files, and another file beside it that is none of the guest's.
struct Host(TempDir);

impl Host {
    fn new() -> Self {
        let host = Self(TempDir::new().unwrap());
        fs::create_dir_all(host.path("deep/er")).unwrap();
        fs::write(host.path("text"), TEXT).unwrap();
        fs::write(host.path("empty"), []).unwrap();
        fs::write(host.path("deep/er/file"), "deep").unwrap();
        fs::write(host.path("../secret"), "secret").unwrap();
        host
    }

    fn path(&self, inner: &str) -> std::path::PathBuf {
        self.0.path().join("assets").join(inner)
    }

    fn folder(&self) -> std::path::PathBuf {
        self.path("")
    }

    fn guest(&self) -> Sb {
        Sb::builder().folder("/data", self.folder()).file("/share/word", *b"word").build().unwrap()
    }

    /// A guest that asks as it likes.
    fn raw(&self) -> Sandbox<files::Library> {
        Sandbox::builder().folder("/data", self.folder()).build().unwrap()
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn keep_open(sb: &mut Sb, path: &str) -> i32 {
    let path = c_str(sb, path);
    value(capabilities::capabilities_keep_open(sb, &path).unwrap())
}

fn read_kept(sb: &mut Sb, offset: i64) -> Result<Vec<u8>, i32> {
    filled(sb, 100, |sb, bytes, count| capabilities::capabilities_read_kept(sb, offset, bytes, 100, count))
}

/// Two numbers that a function fills in, if it is no error.
fn two(
    sb: &mut Sb,
    ask: impl FnOnce(
        &mut Sb,
        sandbox::TaintedPtr<i32, Library>,
        sandbox::TaintedPtr<i32, Library>,
    ) -> sandbox::Result<sandbox::Tainted<i32, Library>>,
) -> Result<(i32, i32), i32> {
    let places = sb.alloc::<i32>(2).unwrap();
    let (one, other) = (places.as_ptr(), places.as_ptr().add(1));
    match value(ask(sb, one, other).unwrap()) {
        0 => Ok((value(sb.read(one).unwrap()), value(sb.read(other).unwrap()))),
        error => Err(error),
    }
}

/// Whether it is a link, and what `open` says to it without following.
fn is_link(sb: &mut Sb, path: &str) -> Result<(bool, i32), i32> {
    let path = c_str(sb, path);
    two(sb, |sb, link, opened| capabilities::capabilities_is_link(sb, &path, link, opened)).map(|(link, opened)| (link != 0, opened))
}

fn is_same(sb: &mut Sb, one: &str, other: &str) -> bool {
    let (one, other) = (c_str(sb, one), c_str(sb, other));
    two(sb, |sb, same, _| capabilities::capabilities_is_same(sb, &one, &other, same)).unwrap().0 != 0
}

#[test]
fn what_is_in_a_folder_is_read_as_a_file_from_memory_is() {
    let host = Host::new();
    let sb = &mut host.guest();
    for path in ["/data/text", "data/text", "./data/./text", "/data//text", "/share/../data/text", "/data/deep/er/../../text"] {
        assert_eq!(read(sb, path, 100).as_deref(), Ok(TEXT), "{path}");
    }
    assert_eq!(read(sb, "/data/empty", 100).as_deref(), Ok(&b""[..]));
    assert_eq!(read(sb, "/data/deep/er/file", 2).as_deref(), Ok(&b"de"[..]));
    assert_eq!(read(sb, "/share/word", 100).as_deref(), Ok(&b"word"[..]));
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fs::write(host.path("large"), &large).unwrap();
    assert_eq!(read(sb, "/data/large", 4_000_000), Ok(large));
}

#[test]
fn descriptors_begin_anew() {
    let host = Host::new();
    let file = host.path("text").canonicalize().unwrap();
    let open_here = || match fs::read_dir("/proc/self/fd") {
        Ok(all) => all.filter(|entry| entry.as_ref().is_ok_and(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == file))).count(),
        Err(_) => 0,
    };
    let mut sb = Sandbox::<files::Library>::builder().folder("/data", host.folder()).build().unwrap();
    for _ in 0..3 {
        let opened: Vec<u32> = std::iter::from_fn(|| hostile::open(&mut sb, "data/text").ok()).collect();
        assert_eq!((opened.len(), opened.first()), (32, Some(&4)), "as many as the last one, from the same number on");
        assert!(!cfg!(target_os = "linux") || open_here() == 32);
        sb.reset().unwrap();
        assert_eq!(open_here(), 0, "the last one's files are closed");
    }
}

#[test]
fn a_seek_and_a_read_at_a_place_lead_where_c_says() {
    let host = Host::new();
    let sb = &mut host.guest();
    let text = |from: usize| Ok(TEXT[from..].to_vec());
    // The file is read from the second byte on.
    for (offset, whence, expected) in [
        (3, 0, text(3)),
        (3, 1, text(4)),
        (-4, 2, text(TEXT.len() - 4)),
        (100, 0, Ok(Vec::new())),
        (i64::MAX, 0, Ok(Vec::new())),
        (-1, 0, Err(INVAL)),
        (i64::MAX, 2, Err(OVERFLOW)),
    ] {
        assert_eq!(read_at(sb, "/data/text", offset, whence, 100), expected, "{offset} {whence}");
    }
    for (offset, expected) in [(0, &TEXT[..5]), (25, &TEXT[25..]), (27, b""), (28, b""), (i64::MAX, b"")] {
        assert_eq!(pread(sb, "/data/text", offset, 5).as_deref(), Ok(expected), "{offset}");
    }
    assert_eq!(pread(sb, "/data", 0, 5), Err(ISDIR));
}

#[test]
fn a_folder_is_a_directory_among_those_from_memory() {
    let host = Host::new();
    let sb = &mut Sb::builder().folder("/share/host", host.folder()).file("/share/word", *b"word").build().unwrap();
    assert_eq!(list(sb, "/").unwrap(), ["./", "../", "share/"]);
    assert_eq!(list(sb, "/share").unwrap(), ["./", "../", "host/", "word"]);
    assert_eq!(sorted(list(sb, "/share/host").unwrap()), ["../", "./", "deep/", "empty", "text"]);
    assert_eq!(sorted(list(sb, "/share/host/").unwrap()), ["../", "./", "deep/", "empty", "text"]);
    assert_eq!(sorted(list(sb, "/share/host/deep").unwrap()), ["../", "./", "er/"]);
    assert_eq!(list(sb, "/share/host/text"), Err(NOTDIR));
    for (path, expected) in [
        ("/share/host", Ok((false, true))),
        ("/share/host/deep", Ok((false, true))),
        ("/share/host/text", Ok((true, false))),
        ("/share/host/text/", Err(NOTDIR)),
        ("/share/host/text/x", Err(NOTDIR)),
        ("/share/host/nothing", Err(NOENT)),
    ] {
        assert_eq!(kind(sb, path), expected, "{path}");
    }
    assert_eq!(sizes(sb, "/share/host/text"), [27; 3]);
}

#[test]
fn two_folders_are_two_and_a_file_is_the_same_by_each_path() {
    let (one, other) = (Host::new(), Host::new());
    let sb = &mut Sb::builder().folder("/one", one.folder()).folder("/other", other.folder()).file("/m", *b"m").build().unwrap();
    fs::write(other.path("text"), "other").unwrap();
    assert_eq!(read(sb, "/one/text", 100).as_deref(), Ok(TEXT));
    assert_eq!(read(sb, "/other/text", 100).as_deref(), Ok(&b"other"[..]));
    assert!(is_same(sb, "/one/text", "/one/deep/../text"));
    for path in ["/one/empty", "/other/text", "/m"] {
        assert!(!cfg!(unix) || !is_same(sb, "/one/text", path), "{path}");
    }
}

#[test]
fn no_path_leads_out() {
    let host = Host::new();
    let sb = &mut host.guest();
    for path in ["/data/../secret", "/data/deep/../../secret", "/data/deep/../../assets/text", "/data/..", "/../data/text"] {
        assert_eq!(read(sb, path, 10), Err(NOTCAPABLE), "{path}");
        assert_eq!(kind(sb, path), Err(NOTCAPABLE), "{path}");
        assert_eq!(list(sb, path), Err(NOTCAPABLE), "{path}");
    }
    for (directory, path, expected) in [
        ("/data", "text", 0),
        ("/data/deep", "er/file", 0),
        ("/data/deep", "er/../er/file", 0),
        ("/data", "../secret", NOTCAPABLE),
        ("/data/deep", "../text", NOTCAPABLE),
        ("/data/text", "x", NOTDIR),
    ] {
        let (directory, path) = (c_str(sb, directory), c_str(sb, path));
        assert_eq!(value(capabilities::capabilities_open_in(sb, &directory, &path).unwrap()), expected);
    }
    let long = format!("/data/{}", "a/".repeat(3000));
    assert_eq!(read(sb, &long, 10), Err(NAMETOOLONG));
    assert_eq!(read(sb, &format!("/data/{}", "a".repeat(256)), 10), Err(NAMETOOLONG));
}

#[test]
fn a_guest_that_asks_by_itself_comes_no_further() {
    let host = Host::new();
    let sb = &mut host.raw();
    let data = hostile::open(sb, "data").unwrap();
    let secret = host.path("../secret").canonicalize().unwrap();
    let [absolute, behind] = ["", "data/"].map(|start| format!("{start}{}", secret.display()));
    for (directory, path, expected) in [
        (data, "text", 0),
        (data, "../secret", NOTCAPABLE),
        (data, "..", NOTCAPABLE),
        (data, &absolute, NOTCAPABLE),
        (3, &absolute, NOTCAPABLE),
        (3, &behind, NOENT),
        (data, "te\0xt", INVAL),
        (3, "data/text\0", INVAL),
        (3, "data/text\0/../../secret", INVAL),
        (data, "", NOENT),
    ] {
        hostile::write(sb, 512, path.as_bytes());
        let length = u32::try_from(path.len()).unwrap();
        assert_eq!(hostile::code(files::path_open(sb, directory, 1, 512, length, 0, 2, 0, 0, 64)), expected, "{path:?}");
        assert_eq!(hostile::code(files::path_filestat_get(sb, directory, 1, 512, length, 1024)), expected, "{path:?}");
    }
    hostile::write(sb, 512, b"\xff\xfe");
    assert_eq!(hostile::code(files::path_open(sb, data, 1, 512, 2, 0, 2, 0, 0, 64)), super::errno::ILSEQ);
    // A directory from memory has another number as one of the host's, and is no way to it.
    assert_eq!(hostile::code(files::fd_prestat_get(sb, data, 64)), BADF);
}

#[test]
fn nothing_can_be_written_made_or_removed() {
    let host = Host::new();
    let sb = &mut host.guest();
    for (path, mode, expected) in [
        ("/data/text", "rb", 0),
        ("/data/text", "w", ROFS),
        ("/data/text", "a", ROFS),
        ("/data/text", "r+", ROFS),
        ("/data/text", "wx", EXIST),
        ("/data/new", "w", ROFS),
        ("/data/new", "a+", ROFS),
        ("/data", "w", ISDIR),
        ("/data/deep", "r+", ISDIR),
        ("/data/../new", "w", NOTCAPABLE),
    ] {
        assert_eq!(open(sb, path, mode), expected, "{path} {mode}");
    }
    for (path, write, create, exclusive, truncate, directory, expected) in [
        ("/data/text", 0, 0, 0, 0, 0, 0),
        ("/data/text", 1, 0, 0, 0, 0, ROFS),
        ("/data/text", 2, 1, 0, 1, 0, ROFS),
        ("/data/text", 0, 1, 0, 0, 0, 0),
        ("/data/text", 0, 1, 1, 0, 0, EXIST),
        ("/data/text", 0, 0, 0, 1, 0, ROFS),
        ("/data/text", 0, 0, 0, 0, 1, NOTDIR),
        ("/data/deep", 0, 0, 0, 0, 1, 0),
        ("/data/deep", 2, 0, 0, 0, 0, ISDIR),
        ("/data/new", 0, 1, 0, 0, 0, ROFS),
    ] {
        let name = c_str(sb, path);
        let error = capabilities::capabilities_open_as(sb, &name, write, create, exclusive, truncate, directory).unwrap();
        assert_eq!(value(error), expected, "{path} {write} {create} {exclusive} {truncate} {directory}");
    }
    for path in ["/data/text", "/data/deep/er"] {
        let name = c_str(sb, path);
        for what in 0..6 {
            let error = value(capabilities::capabilities_change(sb, &name, what).unwrap());
            assert!([NOSYS, ROFS, ISDIR].contains(&error), "{path} {what}: {error}");
        }
    }
    let path = c_str(sb, "/data/text");
    assert_eq!(value(capabilities::capabilities_write_to(sb, &path).unwrap()), BADF);
    assert_eq!(fs::read(host.path("text")).unwrap(), TEXT);
    let names = fs::read_dir(host.folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(sorted(names.collect()), ["deep", "empty", "text"]);
}

#[test]
fn few_files_of_the_hosts_are_open_at_once() {
    let host = Host::new();
    let sb = &mut host.guest();
    let opened = sb.alloc::<u32>(1).unwrap();
    for path in ["/data/text", "/data/deep", "/data", "/data/text"] {
        let path = c_str(sb, path);
        assert_eq!(value(capabilities::capabilities_open_many(sb, &path, &opened).unwrap()), MFILE);
        assert_eq!(value(sb.read(opened.as_ptr()).unwrap()), 32);
    }
    assert_eq!(read(sb, "/data/text", 100).as_deref(), Ok(TEXT));
    // Those from memory are not among them.
    let raw = &mut Sandbox::<files::Library>::builder().folder("/data", host.folder()).file("/m", *b"m").build().unwrap();
    while hostile::open(raw, "data").is_ok() {}
    assert_eq!(hostile::open(raw, "data"), Err(MFILE));
    let fd = hostile::open(raw, "m").unwrap();
    assert_eq!(hostile::code(files::fd_close(raw, fd)), 0);
    assert_eq!(hostile::code(files::fd_close(raw, 7)), 0);
    assert_eq!(hostile::open(raw, "data"), Ok(7));
}

#[test]
fn a_file_that_changes_while_it_is_open_is_read_as_it_is() {
    let host = Host::new();
    let sb = &mut host.guest();
    assert_eq!(keep_open(sb, "/data/text"), 0);
    assert_eq!(read_kept(sb, 2).as_deref(), Ok(&TEXT[2..]));
    let file = File::options().write(true).open(host.path("text")).unwrap();
    file.set_len(4).unwrap();
    assert_eq!(read_kept(sb, 2).as_deref(), Ok(&TEXT[2..4]));
    assert_eq!(read_kept(sb, 10).as_deref(), Ok(&b""[..]));
    file.set_len(7).unwrap();
    assert_eq!(read_kept(sb, 2).as_deref(), Ok(&b"li\0\0\0"[..]));
    file.set_len(0).unwrap();
    assert_eq!(read_kept(sb, 0).as_deref(), Ok(&b""[..]));
    assert_eq!(sizes(sb, "/data/text"), [0; 3]);
}

#[cfg(unix)]
#[test]
fn what_is_removed_or_moved_while_it_is_open_stays_open() {
    let host = Host::new();
    let sb = &mut host.guest();
    assert_eq!(keep_open(sb, "/data/text"), 0);
    fs::remove_file(host.path("text")).unwrap();
    assert_eq!(read_kept(sb, 0).as_deref(), Ok(TEXT));
    assert_eq!(read(sb, "/data/text", 100), Err(NOENT));
    // The folder itself: it is the one that was opened, and not whatever has its name.
    fs::rename(host.folder(), host.path("../moved")).unwrap();
    fs::create_dir(host.folder()).unwrap();
    assert_eq!(read(sb, "/data/deep/er/file", 100).as_deref(), Ok(&b"deep"[..]));
    fs::remove_dir_all(host.path("../moved")).unwrap();
    assert_eq!(read(sb, "/data/deep/er/file", 100), Err(NOENT));
    assert!(list(sb, "/data").is_ok_and(|names| names == ["./", "../"]));
    assert_eq!(read_kept(sb, 0).as_deref(), Ok(TEXT));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    fn linked(links: &[(&str, &Path)]) -> Host {
        let host = Host::new();
        for (name, to) in links {
            symlink(to, host.path(name)).unwrap();
        }
        host
    }

    #[test]
    fn a_link_within_the_folder_is_followed() {
        let host = linked(&[
            ("link", "text".as_ref()),
            ("deep/up", "../text".as_ref()),
            ("down", "deep/er".as_ref()),
            ("dead", "nothing".as_ref()),
        ]);
        let sb = &mut host.guest();
        for path in ["/data/link", "/data/deep/up", "/data/deep/../link", "/data/down/../up"] {
            assert_eq!(read(sb, path, 100).as_deref(), Ok(TEXT), "{path}");
            assert!(is_same(sb, "/data/text", path), "{path}");
        }
        assert_eq!(read(sb, "/data/down/file", 100).as_deref(), Ok(&b"deep"[..]));
        assert_eq!(read(sb, "/data/dead", 100), Err(NOENT));
        assert_eq!(sorted(list(sb, "/data/down").unwrap()), ["../", "./", "file"]);
        assert_eq!(sorted(list(sb, "/data/deep").unwrap()), ["../", "./", "er/", "up?"]);
        for (path, expected) in
            [("link", (true, LOOP)), ("dead", (true, LOOP)), ("down", (true, LOOP)), ("text", (false, 0)), ("deep/er/file", (false, 0))]
        {
            assert_eq!(is_link(sb, &format!("/data/{path}")), Ok(expected), "{path}");
        }
        assert_eq!(open(sb, "/data/link", "w"), ROFS);
        assert_eq!(open(sb, "/data/dead", "w"), ROFS);
    }

    #[test]
    fn a_link_that_leads_out_is_not() {
        let host = Host::new();
        let folder = host.folder().canonicalize().unwrap();
        let out = linked(&[
            ("file", "../secret".as_ref()),
            ("over", "deep/../../secret".as_ref()),
            ("deep/up", "../..".as_ref()),
            ("again", "file".as_ref()),
            ("root", "/".as_ref()),
            ("there", "/etc/passwd".as_ref()),
            // Absolute links are not followed, wherever they lead.
            ("home", &folder),
        ]);
        symlink(out.path("text").canonicalize().unwrap(), out.path("itself")).unwrap();
        let sb = &mut out.guest();
        for path in
            ["file", "over", "deep/up", "deep/up/secret", "again", "root", "root/etc/passwd", "there", "home", "home/text", "itself"]
        {
            let path = format!("/data/{path}");
            assert_eq!(read(sb, &path, 100), Err(NOTCAPABLE), "{path}");
            assert_eq!(kind(sb, &path), Err(NOTCAPABLE), "{path}");
            assert_eq!(list(sb, &path), Err(NOTCAPABLE), "{path}");
            assert_eq!(open(sb, &path, "w"), NOTCAPABLE, "{path}");
        }
        // What is no way out is still no file.
        assert_eq!(is_link(sb, "/data/file"), Ok((true, LOOP)));
        assert_eq!(is_link(sb, "/data/root/etc/passwd"), Err(NOTCAPABLE));
        assert_eq!(fs::read(out.path("../secret")).unwrap(), b"secret");
    }

    #[test]
    fn a_link_to_itself_is_an_error() {
        let host = linked(&[("one", "other".as_ref()), ("other", "one".as_ref())]);
        let sb = &mut host.guest();
        assert_eq!(read(sb, "/data/one", 100), Err(LOOP));
        assert_eq!(read(sb, "/data/one/x", 100), Err(LOOP));
    }

    #[test]
    fn a_link_that_turns_while_it_is_used_never_leads_out() {
        let host = linked(&[("in", "text".as_ref()), ("out", "../secret".as_ref()), ("turning", "text".as_ref())]);
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    for to in ["../secret", "text"] {
                        symlink(to, host.path("next")).unwrap();
                        fs::rename(host.path("next"), host.path("turning")).unwrap();
                    }
                }
            });
            let sb = &mut host.guest();
            let mut seen = [0_u32; 2];
            for _ in 0..3000 {
                match read(sb, "/data/turning", 100) {
                    Ok(bytes) => {
                        assert_eq!(bytes, TEXT);
                        seen[0] += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, NOTCAPABLE);
                        seen[1] += 1;
                    }
                }
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
        });
    }
}

#[cfg(unix)]
mod odd_files {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::UnixListener;
    use std::process::Command;
    use std::time::{Duration, Instant, SystemTime};

    use super::*;

    #[test]
    fn a_pipe_or_a_socket_is_refused_and_blocks_nobody() {
        let host = Host::new();
        assert!(Command::new("mkfifo").arg(host.path("pipe")).status().unwrap().success());
        let _listener = UnixListener::bind(host.path("socket")).unwrap();
        std::os::unix::fs::symlink("pipe", host.path("link")).unwrap();
        let begins = Instant::now();
        let sb = &mut host.guest();
        for path in ["/data/pipe", "/data/socket", "/data/link"] {
            assert_eq!(read(sb, path, 10), Err(NOTCAPABLE), "{path}");
            assert_eq!(open(sb, path, "w"), NOTCAPABLE, "{path}");
            assert_eq!(open(sb, path, "r+"), NOTCAPABLE, "{path}");
            assert_eq!(list(sb, path), Err(NOTCAPABLE), "{path}");
            assert_eq!(kind(sb, path), Ok((false, false)), "{path}");
        }
        assert_eq!(sorted(list(sb, "/data").unwrap()), ["../", "./", "deep/", "empty", "link?", "pipe?", "socket?", "text"]);
        assert!(begins.elapsed() < Duration::from_secs(20), "{:?}", begins.elapsed());
    }

    #[test]
    fn a_device_is_refused() {
        let sb = &mut Sb::builder().folder("/dev", "/dev").build().unwrap();
        for path in ["/dev/null", "/dev/zero", "/dev/tty", "/dev/random"] {
            assert_eq!(read(sb, path, 10), Err(NOTCAPABLE), "{path}");
            assert_eq!(open(sb, path, "w"), NOTCAPABLE, "{path}");
        }
    }

    /// Not on systems where each name is text.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_text_is_left_out() {
        let host = Host::new();
        let odd = |bytes: &[u8]| host.folder().join(OsStr::from_bytes(bytes));
        fs::write(odd(b"\xff\xfe"), "odd").unwrap();
        fs::create_dir(odd(b"dir\x80")).unwrap();
        fs::write(odd("grün".as_bytes()), "green").unwrap();
        let sb = &mut host.guest();
        assert_eq!(sorted(list(sb, "/data").unwrap()), ["../", "./", "deep/", "empty", "grün", "text"]);
        assert_eq!(read(sb, "/data/grün", 10).as_deref(), Ok(&b"green"[..]));
        let mode = c_str(sb, "r");
        for path in [c"/data/\xff\xfe", c"/data/dir\x80/x"] {
            let path = sb.copy_in_c_str(path).unwrap();
            assert_eq!(value(capabilities::capabilities_open(sb, &path, &mode).unwrap()), super::super::errno::ILSEQ);
        }
    }

    #[test]
    fn a_file_that_is_larger_than_all_memory_is_read_in_pieces() {
        let host = Host::new();
        let size = 100 << 30;
        let file = File::create(host.path("huge")).unwrap();
        file.set_len(size).unwrap();
        std::os::unix::fs::FileExt::write_at(&file, b"end", size - 3).unwrap();
        let sb = &mut host.guest();
        assert_eq!(sizes(sb, "/data/huge"), [100 << 30; 3]);
        assert_eq!(read_at(sb, "/data/huge", -3, 2, 100).as_deref(), Ok(&b"end"[..]));
        assert_eq!(pread(sb, "/data/huge", (100 << 30) - 1, 100).as_deref(), Ok(&b"d"[..]));
        // A call of the guest's for nearly all of its memory is a short one.
        assert_eq!(pread(sb, "/data/huge", 0, 3 << 20).map(|bytes| bytes.len()), Ok(1 << 20));
    }

    /// `tmpfs` keeps such times.
    #[test]
    fn a_file_of_the_earliest_time_of_all_is_a_file() {
        let Ok(folder) = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()) else { return };
        let file = File::create(folder.path().join("old")).unwrap();
        let earliest = SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(1 << 63)).unwrap();
        file.set_modified(earliest).unwrap();
        let sb = &mut Sb::builder().folder("/data", folder.path()).build().unwrap();
        assert_eq!(is_link(sb, "/data/old"), Ok((false, 0)));
        assert_eq!(kind(sb, "/data/old"), Ok((true, false)));
    }
}

/// How many descriptors of this process lead into a folder.
#[cfg(target_os = "linux")]
fn open_below(folder: &Path) -> usize {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap();
    descriptors.filter(|entry| fs::read_link(entry.as_ref().unwrap().path()).is_ok_and(|to| to.starts_with(folder))).count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_reset_and_a_drop_close_everything() {
    let host = Host::new();
    let folder = host.folder().canonicalize().unwrap();
    let mut raw = host.raw();
    let with_nothing_open = open_below(&folder);
    assert_eq!(with_nothing_open, 1, "the folder itself");
    while hostile::open(&mut raw, "data").is_ok() {}
    assert_eq!(open_below(&folder), 33);
    for fd in 4..36 {
        assert_eq!(hostile::code(files::fd_readdir(&mut raw, fd, 1024, 200, 0, 64)), 0);
    }
    assert_eq!(open_below(&folder), 97, "two more for each list");
    raw.reset().unwrap();
    assert_eq!(open_below(&folder), 1);
    assert_eq!(hostile::open(&mut raw, "data/text"), Ok(4));
    let another = host.raw();
    drop(raw);
    assert_eq!(open_below(&folder), 1, "of the other one");
    drop(another);
    assert_eq!(open_below(&folder), 0);
}

#[test]
fn a_snapshot_has_no_open_files() {
    let host = Host::new();
    let sb = &mut host.guest();
    assert_eq!(keep_open(sb, "/data/text"), 0);
    assert!(matches!(sb.snapshot(), Err(Error::Snapshot { what: "the guest has opened, read or closed files", .. })));
    assert_eq!(value(capabilities::capabilities_keep_open(sb, sandbox::null()).unwrap()), 0);
    let ready = sb.snapshot().unwrap();
    sb.reset_to(&ready).unwrap();
    assert_eq!(read(sb, "/data/text", 100).as_deref(), Ok(TEXT));
    let mut without = Sb::builder().snapshot(&ready).build().unwrap();
    assert_eq!(read(&mut without, "/data/text", 100), Err(BADF), "it was given to the other one alone");
}

#[test]
fn a_directory_is_listed_again_from_a_place_in_it() {
    let host = Host::new();
    for number in 0..300 {
        fs::write(host.path(&format!("deep/{number}-{}", "n".repeat(number % 200))), []).unwrap();
    }
    let sb = &mut host.guest();
    let whole = list(sb, "/data/deep").unwrap();
    assert_eq!(whole.len(), 303);
    let path = c_str(sb, "/data/deep");
    for begin in [0, 1, 2, 3, 150, 302, 303] {
        let names = sb.alloc::<i8>(100_000).unwrap();
        assert_eq!(value(capabilities::capabilities_list_from(sb, &path, begin, &names, 100_000).unwrap()), 0);
        let names = value(sb.read_c_str(names.as_ptr(), 100_000).unwrap()).into_string().unwrap();
        let expected = whole[usize::try_from(begin).unwrap()..].iter().map(|name| name.trim_end_matches('/'));
        assert_eq!(names.lines().collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{begin}");
    }
}

#[test]
fn a_directory_of_very_many_entries_is_listed_in_pieces_that_cost_little() {
    let host = Host::new();
    for number in 0..70_000 {
        File::create(host.path(&format!("deep/{number}"))).unwrap();
    }
    let sb = &mut host.raw();
    let fd = hostile::open(sb, "data/deep").unwrap();
    let (mut cookie, mut count) = (0_u64, 0_u64);
    loop {
        // The last one is mostly cut, and comes again.
        assert_eq!(hostile::code(files::fd_readdir(sb, fd, 65_536, 60_000, cookie, 64)), 0);
        let used = hostile::word(sb, 64);
        let bytes = hostile::bytes(sb, 65_536, used);
        let mut rest = &bytes[..];
        while let Some((head, later)) = rest.split_at_checked(24) {
            let length = u32::from_le_bytes(head[16..20].try_into().unwrap()) as usize;
            let Some((_, later)) = later.split_at_checked(length) else { break };
            cookie = u64::from_le_bytes(head[..8].try_into().unwrap());
            count += 1;
            rest = later;
        }
        if used < 60_000 {
            break;
        }
    }
    assert_eq!((count, cookie), (70_003, 70_003));
    // A place that is far away takes looking at all before it.
    assert_eq!(hostile::code(files::fd_readdir(sb, fd, 65_536, 60_000, 60_000, 64)), 0);
    for cookie in [66_000, 70_000, u64::MAX - 1, u64::MAX] {
        assert_eq!(hostile::code(files::fd_readdir(sb, fd, 65_536, 60_000, 2, 64)), 0);
        assert_eq!(hostile::code(files::fd_readdir(sb, fd, 65_536, 60_000, cookie, 64)), OVERFLOW, "{cookie}");
    }
    assert!(!sb.is_poisoned());
}

#[test]
fn a_guest_that_opens_without_end_keeps_its_deadline() {
    let host = Host::new();
    let limits = Limits::new().deadline(std::time::Duration::from_millis(50));
    let sb = &mut Sandbox::<files::Library>::builder().folder("/data", host.folder()).limits(limits).build().unwrap();
    hostile::write(sb, 512, b"data/nothing");
    let begins = std::time::Instant::now();
    assert!(matches!(files::open_often(sb, u32::MAX, 512, 12), Err(Error::Limit { which: sandbox::LimitKind::Time, .. })));
    assert!(begins.elapsed() < std::time::Duration::from_secs(10), "{:?}", begins.elapsed());
}

#[test]
fn a_folder_that_cannot_be_given_is_an_error_of_build() {
    let host = Host::new();
    let error = |path: &str, folder: &Path| Sb::builder().file("/m/n", []).folder(path, folder).build().unwrap_err();
    for path in ["", "data", "/", "//data", "/data/", "/data/../x", "/da\0ta", "/m", "/m/n/o"] {
        assert!(matches!(error(path, &host.folder()), Error::Capability { .. }), "{path:?}");
    }
    for folder in ["nothing", "text", "text/x"] {
        let folder = host.path(folder);
        let message = error("/data", &folder).to_string();
        let start = format!("the guest cannot be given the host's folder {folder:?} as \"/data\": it cannot be opened: ");
        assert!(message.starts_with(&start) && message.len() > start.len(), "{message}");
    }
    let within = Sb::builder().folder("/data", host.folder()).file("/data/x", []).build().unwrap_err();
    assert_eq!(within.to_string(), "the guest cannot be given the file \"/data/x\": it lies in a folder of the host's");
}

#[test]
fn the_last_of_a_path_is_what_the_guest_has_there() {
    let host = Host::new();
    let sb = &mut Sb::builder().folder("/data", host.folder()).file("/data", *b"memory").build().unwrap();
    assert_eq!(read(sb, "/data", 100).as_deref(), Ok(&b"memory"[..]));
    let sb = &mut Sb::builder().file("/data", *b"memory").folder("/data", host.folder()).build().unwrap();
    assert_eq!(read(sb, "/data/text", 100).as_deref(), Ok(TEXT));
}

#[test]
fn no_path_of_the_hosts_is_shown() {
    let host = Host::new();
    let builder = Sb::builder().folder("/data", host.folder()).stdout(Output::Inherit);
    let name = host.0.path().file_name().unwrap().to_str().unwrap();
    assert!(!format!("{builder:?}").contains(name));
    let mut sb = builder.build().unwrap();
    assert_eq!(keep_open(&mut sb, "/data/text"), 0);
    assert!(!format!("{sb:?}").contains(name));
}
