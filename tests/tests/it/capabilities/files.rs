use std::sync::Arc;

use sandbox::{Error, TaintedPtr};

use super::errno::{EXIST, INVAL, ISDIR, MFILE, NOENT, NOSYS, NOTCAPABLE, NOTDIR, OVERFLOW, ROFS};
use super::{Library, Sb, c_str, capabilities, is_no_directory, value};

const TEXT: &[u8] = b"a line of text\nanother one\n";

/// All bytes, and more than `fread` takes at once.
fn large() -> Vec<u8> {
    (0..3_000_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn fresh() -> Sb {
    Sb::builder()
        .file("/share/dict.txt", TEXT)
        .file("/share/empty", [])
        .file("/share/deep/er/file", *b"deep")
        .file("/large", large())
        .build()
        .unwrap()
}

/// Calls a function that fills bytes and says how many.
pub(super) fn filled(
    sb: &mut Sb,
    capacity: u32,
    read: impl FnOnce(&mut Sb, TaintedPtr<i8, Library>, TaintedPtr<u32, Library>) -> sandbox::Result<sandbox::Tainted<i32, Library>>,
) -> Result<Vec<u8>, i32> {
    let bytes = sb.alloc::<i8>(capacity).unwrap();
    let count = sb.alloc::<u32>(1).unwrap();
    match value(read(sb, bytes.as_ptr(), count.as_ptr()).unwrap()) {
        0 => {
            let count = value(sb.read(count.as_ptr()).unwrap());
            Ok(value(sb.copy_out(bytes.as_ptr().cast(), count).unwrap()))
        }
        error => Err(error),
    }
}

pub(super) fn read(sb: &mut Sb, path: &str, capacity: u32) -> Result<Vec<u8>, i32> {
    let path = c_str(sb, path);
    filled(sb, capacity, |sb, bytes, count| capabilities::capabilities_read(sb, &path, bytes, capacity, count))
}

pub(super) fn read_at(sb: &mut Sb, path: &str, offset: i64, whence: i32, capacity: u32) -> Result<Vec<u8>, i32> {
    let path = c_str(sb, path);
    filled(sb, capacity, |sb, bytes, count| capabilities::capabilities_read_at(sb, &path, offset, whence, bytes, capacity, count))
}

pub(super) fn pread(sb: &mut Sb, path: &str, offset: i64, capacity: u32) -> Result<Vec<u8>, i32> {
    let path = c_str(sb, path);
    filled(sb, capacity, |sb, bytes, count| capabilities::capabilities_pread(sb, &path, offset, bytes, capacity, count))
}

pub(super) fn open(sb: &mut Sb, path: &str, mode: &str) -> i32 {
    let (path, mode) = (c_str(sb, path), c_str(sb, mode));
    value(capabilities::capabilities_open(sb, &path, &mode).unwrap())
}

pub(super) fn list(sb: &mut Sb, path: &str) -> Result<Vec<String>, i32> {
    let path = c_str(sb, path);
    let names = sb.alloc::<i8>(100_000).unwrap();
    match value(capabilities::capabilities_list(sb, &path, &names, 100_000).unwrap()) {
        0 => {
            let names = value(sb.read_c_str(names.as_ptr(), 100_000).unwrap()).into_string().unwrap();
            Ok(names.lines().map(str::to_owned).collect())
        }
        error => Err(error),
    }
}

pub(super) fn kind(sb: &mut Sb, path: &str) -> Result<(bool, bool), i32> {
    let path = c_str(sb, path);
    let kinds = sb.alloc::<i32>(2).unwrap();
    let (file, directory) = (kinds.as_ptr(), kinds.as_ptr().add(1));
    match value(capabilities::capabilities_kind(sb, &path, file, directory).unwrap()) {
        0 => Ok((value(sb.read(file).unwrap()) != 0, value(sb.read(directory).unwrap()) != 0)),
        error => Err(error),
    }
}

#[test]
fn without_files_none_is_found_whatever_the_host_has() {
    let sb = &mut Sb::new().unwrap();
    assert!(std::path::Path::new("/proc/self/exe").exists() || !cfg!(target_os = "linux"));
    for path in ["/proc/self/exe", "/share/dict.txt", "x", "/"] {
        assert!(read(sb, path, 10).is_err_and(is_no_directory), "{path}");
        assert!(kind(sb, path).is_err_and(is_no_directory), "{path}");
    }
}

#[test]
fn what_was_given_is_read_by_any_path_to_it() {
    let sb = &mut fresh();
    for path in ["/share/dict.txt", "share/dict.txt", "./share/dict.txt", "/share/../share/./dict.txt", "//share//deep/../dict.txt"] {
        assert_eq!(read(sb, path, 100).as_deref(), Ok(TEXT), "{path}");
    }
    assert_eq!(read(sb, "/share/empty", 100).as_deref(), Ok(&b""[..]));
    assert_eq!(read(sb, "/share/deep/er/file", 100).as_deref(), Ok(&b"deep"[..]));
    assert_eq!(read(sb, "/share/dict.txt", 6).as_deref(), Ok(&TEXT[..6]));
    assert_eq!(read(sb, "/large", 4_000_000), Ok(large()));
}

#[test]
fn what_was_not_given_is_not_there() {
    let sb = &mut fresh();
    for (path, expected) in [
        ("/nothing", NOENT),
        ("/share/dict", NOENT),
        ("/share/dict.txt/", NOTDIR),
        ("/share/dict.txt/x", NOTDIR),
        ("/../share/dict.txt", NOTCAPABLE),
        ("/share/../../etc/passwd", NOTCAPABLE),
        ("/share", ISDIR),
    ] {
        assert_eq!(read(sb, path, 10), Err(expected), "{path}");
    }
    let longest = format!("/{}", "a/".repeat(3000));
    assert_eq!(read(sb, &longest, 10), Err(super::errno::NAMETOOLONG));
    let path = sb.copy_in_c_str(c"/share/\xff\xfe").unwrap();
    let mode = c_str(sb, "r");
    assert_eq!(value(capabilities::capabilities_open(sb, &path, &mode).unwrap()), super::errno::ILSEQ);
}

#[test]
fn a_snapshot_has_no_open_files_and_files_are_there_after_it() {
    let sb = &mut fresh();
    let path = c_str(sb, "/share/dict.txt");
    assert_eq!(value(capabilities::capabilities_keep_open(sb, &path).unwrap()), 0);
    assert!(matches!(sb.snapshot(), Err(Error::Snapshot { what: "the guest has opened, read or closed files", .. })));
    assert_eq!(value(capabilities::capabilities_keep_open(sb, sandbox::null()).unwrap()), 0);
    let ready = sb.snapshot().unwrap();
    sb.reset_to(&ready).unwrap();
    assert_eq!(read(sb, "/share/dict.txt", 100), Ok(TEXT.to_vec()));
}

#[test]
fn a_seek_leads_where_c_says() {
    let sb = &mut fresh();
    let text = |from: usize| Ok(TEXT[from..].to_vec());
    // The file is read from the second byte on.
    for (offset, whence, expected) in [
        (3, 0, text(3)),
        (3, 1, text(4)),
        (-1, 1, text(0)),
        (-4, 2, text(TEXT.len() - 4)),
        (100, 0, Ok(Vec::new())),
        (i64::MAX, 0, Ok(Vec::new())),
        (-1, 0, Err(INVAL)),
        (-2, 1, Err(INVAL)),
        (i64::MIN, 2, Err(INVAL)),
        (i64::MAX, 2, Err(OVERFLOW)),
    ] {
        assert_eq!(read_at(sb, "/share/dict.txt", offset, whence, 100), expected, "{offset} {whence}");
    }
    assert_eq!(read_at(sb, "/large", 2_999_990, 0, 100), Ok(large()[2_999_990..].to_vec()));
}

#[test]
fn a_read_at_a_place_says_what_is_there() {
    let sb = &mut fresh();
    for (offset, expected) in [(0, &TEXT[..5]), (10, &TEXT[10..15]), (25, &TEXT[25..]), (27, b""), (28, b""), (i64::MAX, b"")] {
        assert_eq!(pread(sb, "/share/dict.txt", offset, 5).as_deref(), Ok(expected), "{offset}");
    }
    assert_eq!(pread(sb, "/share/dict.txt", -1, 5), Err(INVAL));
    assert_eq!(pread(sb, "/share", 0, 5), Err(ISDIR));
}

/// What `stat`, `fstat` and a seek to the end say.
pub(super) fn sizes(sb: &mut Sb, path: &str) -> Vec<i64> {
    let sizes = sb.alloc::<i64>(3).unwrap();
    let path = c_str(sb, path);
    let at = |index| sizes.as_ptr().add(index);
    assert_eq!(value(capabilities::capabilities_size(sb, &path, at(0), at(1), at(2)).unwrap()), 0);
    sb.read_slice(sizes.as_ptr(), 3).unwrap().into_iter().map(value).collect()
}

#[test]
fn all_ways_to_ask_for_a_size_agree() {
    let sb = &mut fresh();
    for (path, size) in [("/share/dict.txt", 27), ("/share/empty", 0), ("/large", 3_000_000)] {
        assert_eq!(sizes(sb, path), [size; 3]);
    }
    assert_eq!(kind(sb, "/share/dict.txt"), Ok((true, false)));
    assert_eq!(kind(sb, "/share/deep"), Ok((false, true)));
    assert_eq!(kind(sb, "/"), Ok((false, true)));
    assert_eq!(kind(sb, "/nothing"), Err(NOENT));
}

#[test]
fn a_directory_lists_what_is_in_it() {
    let sb = &mut fresh();
    assert_eq!(list(sb, "/").unwrap(), ["./", "../", "share/", "large"]);
    assert_eq!(list(sb, "/share").unwrap(), ["./", "../", "dict.txt", "empty", "deep/"]);
    assert_eq!(list(sb, "share/deep/er/..").unwrap(), ["./", "../", "er/"]);
    assert_eq!(list(sb, "/share/dict.txt"), Err(NOTDIR));
    assert_eq!(list(sb, "/nothing"), Err(NOENT));
}

#[test]
fn a_directory_with_more_names_than_a_buffer_holds_is_listed_whole() {
    let names: Vec<String> = (0..1000).map(|number| format!("{}{number}", "n".repeat(number % 200 / 4))).collect();
    let builder = names.iter().fold(Sb::builder(), |builder, name| builder.file(&format!("/many/{name}"), []));
    let longest = "l".repeat(255);
    let sb = &mut builder.file(&format!("/many/{longest}"), []).build().unwrap();
    let listed = list(sb, "/many").unwrap();
    assert_eq!(listed[..2], ["./", "../"]);
    assert_eq!(listed[2..1002], names);
    assert_eq!(listed[1002..], [longest]);
}

#[test]
fn nothing_can_be_written_made_or_removed() {
    let sb = &mut fresh();
    for (path, mode, expected) in [
        ("/share/dict.txt", "rb", 0),
        ("/share/dict.txt", "w", ROFS),
        ("/share/dict.txt", "a", ROFS),
        ("/share/dict.txt", "r+", ROFS),
        ("/share/dict.txt", "wx", EXIST),
        ("/share/new", "w", ROFS),
        ("/share/new", "a+", ROFS),
        ("/share", "w", ISDIR),
    ] {
        assert_eq!(open(sb, path, mode), expected, "{path} {mode}");
    }
    for (path, write, create, exclusive, truncate, directory, expected) in [
        ("/share/dict.txt", 0, 0, 0, 0, 0, 0),
        ("/share/dict.txt", 1, 0, 0, 0, 0, ROFS),
        ("/share/dict.txt", 2, 0, 0, 0, 0, ROFS),
        ("/share/dict.txt", 0, 1, 0, 0, 0, 0),
        ("/share/dict.txt", 0, 1, 1, 0, 0, EXIST),
        ("/share/dict.txt", 0, 0, 0, 1, 0, ROFS),
        ("/share/dict.txt", 0, 0, 0, 0, 1, NOTDIR),
        ("/share", 0, 0, 0, 0, 1, 0),
        ("/share", 0, 0, 0, 0, 0, 0),
        ("/share", 2, 0, 0, 0, 0, ISDIR),
        ("/new", 0, 1, 0, 0, 0, ROFS),
    ] {
        let name = c_str(sb, path);
        let error = capabilities::capabilities_open_as(sb, &name, write, create, exclusive, truncate, directory).unwrap();
        assert_eq!(value(error), expected, "{path} {write} {create} {exclusive} {truncate} {directory}");
    }
    let path = c_str(sb, "/share/dict.txt");
    for what in 0..6 {
        let error = value(capabilities::capabilities_change(sb, &path, what).unwrap());
        assert!([NOSYS, ROFS].contains(&error), "{what}: {error}");
    }
    assert_eq!(value(capabilities::capabilities_write_to(sb, &path).unwrap()), super::errno::BADF);
    // wasi-libc takes the one to write for there, so that `open` is asked, and says no.
    for write in [0, 1] {
        assert_eq!(value(capabilities::capabilities_access(sb, &path, write).unwrap()), 0);
    }
    assert_eq!(read(sb, "/share/dict.txt", 100).as_deref(), Ok(TEXT));
}

#[test]
fn a_directory_that_is_open_leads_to_what_is_in_it_and_no_further() {
    let sb = &mut fresh();
    for (directory, path, expected) in [
        ("/share", "dict.txt", 0),
        ("/share", "deep/er/file", 0),
        ("/share", "deep/../dict.txt", 0),
        ("/share/deep", "../dict.txt", NOTCAPABLE),
        ("/share/deep", "er/../../dict.txt", NOTCAPABLE),
        ("/share", "nothing", NOENT),
        ("/share/dict.txt", "x", NOTDIR),
    ] {
        let (directory, path) = (c_str(sb, directory), c_str(sb, path));
        assert_eq!(value(capabilities::capabilities_open_in(sb, &directory, &path).unwrap()), expected);
    }
}

#[test]
fn descriptors_are_few_and_come_back() {
    let sb = &mut fresh();
    let path = c_str(sb, "/share/dict.txt");
    let opened = sb.alloc::<u32>(1).unwrap();
    for _ in 0..3 {
        assert_eq!(value(capabilities::capabilities_open_many(sb, &path, &opened).unwrap()), MFILE);
        assert_eq!(value(sb.read(opened.as_ptr()).unwrap()), 124);
    }
    assert_eq!(read(sb, "/share/dict.txt", 100).as_deref(), Ok(TEXT));
}

#[test]
fn sandboxes_share_the_bytes_and_the_last_one_lets_go() {
    let bytes: Arc<[u8]> = large().into();
    let builder = Sb::builder().file("/large", Arc::clone(&bytes));
    let mut sandboxes: Vec<Sb> = (0..4).map(|_| builder.clone().build().unwrap()).collect();
    for sb in &mut sandboxes {
        assert_eq!(read(sb, "/large", 10).as_deref(), Ok(&bytes[..10]));
        sb.reset().unwrap();
        assert_eq!(read(sb, "/large", 10).as_deref(), Ok(&bytes[..10]));
    }
    assert_eq!(Arc::strong_count(&bytes), 2, "this one, and that of all builders and sandboxes");
    drop((sandboxes, builder));
    assert_eq!(Arc::strong_count(&bytes), 1);
}

#[test]
fn a_builder_that_was_cloned_gives_no_file_to_the_other() {
    let builder = Sb::builder().file("/a", *b"a");
    let mut both = builder.clone().file("/b", *b"b").build().unwrap();
    let mut one = builder.build().unwrap();
    assert_eq!(read(&mut both, "/b", 9).as_deref(), Ok(&b"b"[..]));
    assert_eq!(read(&mut one, "/b", 9), Err(NOENT));
    assert_eq!(read(&mut one, "/a", 9).as_deref(), Ok(&b"a"[..]));
}

#[test]
fn a_path_that_cannot_be_is_an_error_of_build() {
    let error = |path: &str| Sb::builder().file("/a/b", []).file(path, []).build().unwrap_err();
    for path in ["", "relative", "/", "//x", "/x/", "/./x", "/x/../y", "/x\0y", "/a", "/a/b/c"] {
        assert!(matches!(error(path), Error::Capability { .. }), "{path:?}");
    }
    assert_eq!(error("x").to_string(), "the guest cannot be given the file \"x\": a path begins with `/`");
    assert_eq!(error("/a/b/c").to_string(), "the guest cannot be given the file \"/a/b/c\": it lies in another file");
}
