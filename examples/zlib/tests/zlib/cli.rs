//! The command, as its user sees it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use example_zlib::Format;
use tempfile::TempDir;

use crate::{corpus, native};

fn run(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_example-zlib"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A command that fails early does not read its input.
    let feeder = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

fn works(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Vec<u8> {
    let output = run(folder, arguments, stdin);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{arguments:?}");
    output.stdout
}

/// Runs a command that must fail with status 1, and returns what it says.
fn fails(folder: &Path, arguments: &[&str], stdin: &[u8]) -> String {
    let output = run(folder, arguments, stdin);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_goes_there_and_back() {
    let folder = TempDir::new().unwrap();
    let data = corpus::text(500_000);
    fs::write(folder.path().join("text"), &data).unwrap();
    for (format, name) in [(Format::Gzip, "gzip"), (Format::Zlib, "zlib"), (Format::Raw, "raw")] {
        works(folder.path(), &["compress", "text", "-o", "packed", "-f", "--format", name, "--level", "9"], b"");
        assert!(fs::read(folder.path().join("packed")).unwrap() == native::compress(&data, format, 9));
        works(folder.path(), &["decompress", "packed", "--output", "back", "--force", "--format", name], b"");
        assert!(fs::read(folder.path().join("back")).unwrap() == data);
    }
    assert_eq!(names(folder.path()), ["back", "packed", "text"]);
}

#[test]
fn streams_go_there_and_back() {
    let folder = TempDir::new().unwrap();
    let data = corpus::text(500_000);
    let packed = works(folder.path(), &["compress"], &data);
    assert!(packed == native::compress(&data, Format::Gzip, 6));
    assert!(works(folder.path(), &["decompress", "-", "-o", "-"], &packed) == data);
}

#[test]
fn checksums_are_printed_a_line_each() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a"), "123456789").unwrap();
    fs::write(folder.path().join("b"), "").unwrap();
    assert_eq!(works(folder.path(), &["crc32", "a", "b"], b""), b"cbf43926  a\n00000000  b\n");
    assert_eq!(works(folder.path(), &["adler32"], b"Wikipedia"), b"11e60398  -\n");
}

#[test]
fn a_missing_file_is_named_and_the_others_are_summed_up() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("b"), "").unwrap();
    let output = run(folder.path(), &["crc32", "missing", "b"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"00000000  b\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: cannot read missing: "), "{stderr}");
    assert!(stderr.ends_with("error: 1 of 2 files could not be summed up\n"), "{stderr}");
    assert!(fails(folder.path(), &["compress", "missing", "-o", "packed"], b"").starts_with("error: cannot read missing: "));
    assert_eq!(names(folder.path()), ["b"]);
}

#[test]
fn what_is_no_gzip_file_is_called_so_and_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("text"), "just text").unwrap();
    let message = fails(folder.path(), &["decompress", "text", "-o", "out"], b"");
    assert_eq!(message, "error: text: this is not gzip data; choose the format that it was compressed with\n");
    assert_eq!(names(folder.path()), ["text"]);
}

#[test]
fn a_damaged_or_truncated_file_leaves_nothing_half_written() {
    let folder = TempDir::new().unwrap();
    let packed = native::compress(&corpus::noise(300_000, 4), Format::Gzip, 6);
    let mut damaged = packed.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    fs::write(folder.path().join("damaged.gz"), damaged).unwrap();
    fs::write(folder.path().join("short.gz"), &packed[..packed.len() - 100]).unwrap();
    fs::write(folder.path().join("out"), "as before").unwrap();
    assert!(fails(folder.path(), &["decompress", "damaged.gz", "-fo", "out"], b"").contains("incorrect data check"));
    assert!(fails(folder.path(), &["decompress", "short.gz", "-fo", "out"], b"").contains("in the middle"));
    assert_eq!(fs::read(folder.path().join("out")).unwrap(), b"as before");
    assert_eq!(names(folder.path()), ["damaged.gz", "out", "short.gz"]);
}

#[test]
fn a_file_is_replaced_only_by_force() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("out"), "as before").unwrap();
    assert_eq!(
        fails(folder.path(), &["compress", "-o", "out"], b"data"),
        "error: out exists; choose another name, or replace it with `--force`\n"
    );
    assert_eq!(fs::read(folder.path().join("out")).unwrap(), b"as before");
    works(folder.path(), &["compress", "-f", "-o", "out"], b"data");
    works(folder.path(), &["decompress", "out", "-f", "-o", "out"], b"");
    assert_eq!(fs::read(folder.path().join("out")).unwrap(), b"data");
}

#[test]
fn a_bomb_is_stopped() {
    let folder = TempDir::new().unwrap();
    let bomb = native::compress(&vec![0; 3_000_000], Format::Gzip, 9);
    let message = fails(folder.path(), &["decompress", "--max-output", "1M", "-o", "out"], &bomb);
    assert!(message.starts_with("error: standard input: the output is larger than the 1048576 bytes"), "{message}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn folders_are_refused() {
    let folder = TempDir::new().unwrap();
    assert!(fails(folder.path(), &["crc32", "."], b"").starts_with("error: cannot read .: "));
    assert_eq!(fails(folder.path(), &["compress", "-o", "."], b""), "error: cannot write .: it is a folder; name a file\n");
    assert!(fails(folder.path(), &["compress", "-o", "no/such/folder/file"], b"").contains("cannot write no/such/folder/file"));
}

#[test]
fn a_mistake_on_the_command_line_has_status_2() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["compress", "--level", "10"][..], &["decompress", "--format", "zip"], &["decompress", "--max-output", "x"], &[]] {
        assert_eq!(run(folder.path(), arguments, b"").status.code(), Some(2), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let data = corpus::noise(200_000, 8);
    let output = Command::new("sh")
        .args(["-c", r#"exec "$0" compress > /dev/full"#, env!("CARGO_BIN_EXE_example-zlib")])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            drop(child.stdin.take().unwrap().write_all(&data));
            child.wait_with_output()
        })
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: cannot write standard output: "), "{message}");
}

/// What `gzip -d` gives for standard input, and its status.
fn gzip(data: &[u8]) -> (Vec<u8>, Option<i32>) {
    let mut child = Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let data = data.to_vec();
    let feeder = std::thread::spawn(move || drop(pipe.write_all(&data)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    (output.stdout, output.status.code())
}

#[test]
fn what_follows_gzip_is_treated_as_gzip_treats_it() {
    let folder = TempDir::new().unwrap();
    let text = corpus::text(100_000);
    let packed = native::compress(&text, Format::Gzip, 6);
    for behind in
        [&b""[..], b"\0", &[0; 512], &[0; 70_000], b"garbage", b"\0\0garbage", b"\x1fx", &[&[0; 10][..], &packed].concat(), &packed]
    {
        let data = [&packed[..], behind].concat();
        let (expected, status) = gzip(&data);
        let output = run(folder.path(), &["decompress"], &data);
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        let what = behind.get(..20).unwrap_or(behind);
        assert_eq!(output.status.code(), status, "{what:?}: {shown}");
        assert!(output.stdout == expected && expected.len() >= text.len(), "{what:?}");
        assert_eq!(shown.is_empty(), status == Some(0), "{what:?}: {shown}");
        fs::write(folder.path().join("tape.gz"), &data).unwrap();
        run(folder.path(), &["decompress", "tape.gz", "-o", "tape", "--force"], b"");
        assert!(fs::read(folder.path().join("tape")).unwrap() == expected, "{what:?}");
    }
}
