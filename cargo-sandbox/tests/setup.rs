//! `cargo sandbox setup` on machines made up by the tests; downloads come from this process, over loopback.
#![cfg(unix)]

mod support;

use std::fs;
use std::io::Write as _;

use cargo_sandbox::setup::{self, Method, Options, Outcome, SetupError};
use support::{Answer, Fake, NAME, archive, digest, gzip, sdk_entries, serve};

fn download(fake: &Fake, base_url: &str, sha256: &str) -> (Result<Outcome, SetupError>, String) {
    let options =
        Options { method: Method::Download, yes: true, base_url: base_url.into(), sha256: Some(sha256.into()), ..Options::default() };
    run(fake, &options)
}

fn run(fake: &Fake, options: &Options) -> (Result<Outcome, SetupError>, String) {
    let mut out = Vec::new();
    let outcome = setup::run(options, &fake.machine, &mut out);
    (outcome, String::from_utf8(out).unwrap())
}

#[test]
fn a_download_with_the_right_digest_is_found_and_works() {
    let fake = Fake::machine();
    let bytes = archive(&sdk_entries());
    let server = serve(Answer::Whole(bytes.clone()));
    let (outcome, text) = download(&fake, &server.url, &digest(&bytes));
    assert_eq!(outcome.unwrap(), Outcome::SetUp, "{text}");
    assert!(text.contains("wasi-sdk, clang 20.1.8") && text.contains("C              works"), "{text}");
    assert_eq!(fake.cached(), [NAME]);
    assert_eq!(server.requests(), [format!("/wasi-sdk-34/{NAME}.tar.gz")]);

    let (outcome, text) = download(&fake, &server.url, &digest(&bytes));
    assert_eq!(outcome.unwrap(), Outcome::AlreadyThere);
    assert!(text.starts_with("already set up: "), "{text}");
    assert_eq!(server.requests().len(), 1, "nothing is downloaded twice");
}

#[test]
fn a_wrong_digest_leaves_nothing_behind() {
    let fake = Fake::machine();
    let bytes = archive(&sdk_entries());
    let server = serve(Answer::Whole(bytes.clone()));
    let (outcome, _) = download(&fake, &server.url, &"0".repeat(64));
    let error = outcome.unwrap_err();
    assert!(matches!(&error, SetupError::WrongDigest { found, .. } if *found == digest(&bytes)), "{error}");
    assert!(fake.cached().is_empty());
}

#[test]
fn a_body_that_ends_early_is_a_failed_download() {
    let fake = Fake::machine();
    let bytes = archive(&sdk_entries());
    let server = serve(Answer::Truncated(bytes.clone()));
    let (outcome, _) = download(&fake, &server.url, &digest(&bytes));
    let error = outcome.unwrap_err();
    assert!(matches!(error, SetupError::Download { .. }), "{error}");
    assert!(error.to_string().contains("bytes"), "{error}");
    assert!(fake.cached().is_empty());
}

#[test]
fn a_missing_release_names_the_address_and_the_next_step() {
    let fake = Fake::machine();
    let server = serve(Answer::NotFound);
    let (outcome, _) = download(&fake, &server.url, &"0".repeat(64));
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains(&server.url) && text.contains("404") && text.contains("--base-url"), "{text}");
    assert!(fake.cached().is_empty());
}

#[test]
fn offline_is_a_clear_error() {
    let fake = Fake::machine();
    // Bound and dropped: nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (outcome, _) = download(&fake, &format!("http://{address}"), &"0".repeat(64));
    let error = outcome.unwrap_err();
    assert!(matches!(error, SetupError::Download { .. }), "{error}");
    assert!(error.to_string().contains("WASI_SDK_PATH"), "{error}");
    assert!(fake.cached().is_empty());
}

/// An archive with the right digest is refused, nothing is installed, and nothing was written outside.
fn refused(bytes: Vec<u8>, reason: &str) {
    let fake = Fake::machine();
    let server = serve(Answer::Whole(bytes.clone()));
    let (outcome, _) = download(&fake, &server.url, &digest(&bytes));
    let error = outcome.unwrap_err();
    assert!(matches!(error, SetupError::Archive { .. }), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    assert!(fake.cached().is_empty(), "{:?}", fake.cached());
    assert!(!fake.folder().join("evil").exists() && !fake.cache().join("evil").exists());
}

#[test]
fn a_path_out_of_the_folder_is_refused() {
    let mut entries = sdk_entries();
    entries.push(support::Entry::file("../evil", b"x"));
    refused(archive(&entries), "../evil is a path out of its folder");
}

#[test]
fn an_absolute_path_is_refused() {
    let mut entries = sdk_entries();
    entries.push(support::Entry::file("/tmp/evil", b"x"));
    refused(archive(&entries), "/tmp/evil is a path out of its folder");
}

#[test]
fn a_link_out_of_the_folder_is_refused() {
    let mut entries = sdk_entries();
    entries.push(support::Entry::symlink(&format!("{NAME}/out"), "../.."));
    entries.push(support::Entry::file(&format!("{NAME}/out/evil"), b"x"));
    refused(archive(&entries), "links to ../.., out of its folder");
}

#[test]
fn a_hard_link_out_of_the_folder_is_refused() {
    let mut entries = sdk_entries();
    entries.push(support::Entry::hardlink(&format!("{NAME}/out"), "../../../etc/passwd"));
    refused(archive(&entries), "out of its folder");
}

#[test]
fn a_device_is_refused() {
    let mut entries = sdk_entries();
    entries.push(support::Entry::fifo(&format!("{NAME}/pipe")));
    refused(archive(&entries), "is of the kind");
}

#[test]
fn an_archive_of_something_else_is_refused() {
    refused(archive(&[support::Entry::file("readme", b"hello")]), "it has no folder");
}

#[test]
fn a_damaged_archive_is_refused() {
    let mut bytes = archive(&sdk_entries());
    bytes.truncate(bytes.len() / 2);
    refused(bytes, "damaged");
    refused(gzip(b"no tar at all, but long enough to be looked at: ".repeat(40).as_slice()), "damaged");
}

#[test]
fn a_dry_run_says_what_and_does_nothing() {
    let fake = Fake::machine();
    let options = Options { method: Method::Download, dry_run: true, ..Options::default() };
    let (outcome, text) = run(&fake, &options);
    assert_eq!(outcome.unwrap(), Outcome::DryRun);
    assert!(text.contains(&format!("releases/download/wasi-sdk-34/{NAME}.tar.gz")), "{text}");
    assert!(text.contains("b761e3a0721dbae9c09a0059e5fdb2bf917d1b4a8a7b430fb3b5aafb0984b2c4"), "{text}");
    assert!(!fake.cache().exists());
}

#[test]
fn nothing_is_done_without_a_yes() {
    let fake = Fake::machine();
    let (outcome, _) = run(&fake, &Options { method: Method::Download, ..Options::default() });
    assert!(matches!(outcome, Err(SetupError::NotConfirmed)), "{outcome:?}");
    assert!(!fake.cache().exists());
}

#[test]
fn a_broken_earlier_download_is_replaced() {
    let fake = Fake::machine();
    fs::create_dir_all(fake.cache().join(NAME).join("bin")).unwrap();
    let bytes = archive(&sdk_entries());
    let server = serve(Answer::Whole(bytes.clone()));
    let (outcome, text) = download(&fake, &server.url, &digest(&bytes));
    assert_eq!(outcome.unwrap(), Outcome::SetUp, "{text}");
    assert_eq!(fake.cached(), [NAME]);
}

#[test]
fn a_toolchain_that_does_not_work_is_reported() {
    let fake = Fake::machine();
    let mut entries = sdk_entries();
    entries.retain(|entry| !entry.path.contains("libclang"));
    let bytes = archive(&entries);
    let server = serve(Answer::Whole(bytes.clone()));
    let (outcome, _) = download(&fake, &server.url, &digest(&bytes));
    let error = outcome.unwrap_err();
    assert!(matches!(error, SetupError::DoesNotWork { .. }), "{error}");
    assert!(error.to_string().contains("no libclang was found for clang 20.1.8"), "{error}");
}

#[test]
fn apt_gets_the_newest_complete_release() {
    let mut fake = Fake::machine();
    fake.with_apt(&[21, 22], &["lld-22"]);
    fake.machine.root = true;
    let (outcome, text) = run(&fake, &Options { yes: true, ..Options::default() });
    // The pretended apt installs nothing, so nothing is found afterwards.
    assert!(matches!(outcome, Err(SetupError::Toolchain(_))), "{outcome:?}");
    assert!(text.contains("will install with apt-get: clang-21 lld-21 llvm-21 libclang-21-dev"), "{text}");
    let log = fake.apt_log();
    assert!(log.contains("apt-get update") && log.contains("apt-get install --yes"), "{log}");
    assert!(log.contains("wasi-libc libc++-21-dev-wasm32 libc++abi-21-dev-wasm32"), "{log}");
}

#[test]
fn a_missing_cxx_library_is_installed_where_apt_has_it() {
    let mut fake = Fake::machine();
    fake.with_distribution();
    let options = Options { yes: true, ..Options::default() };
    for without in [None, Some("libc++-22-dev-wasm32")] {
        if let Some(package) = without {
            fake.with_apt(&[22], &[package]);
        }
        let (outcome, text) = run(&fake, &options);
        assert_eq!(outcome.unwrap(), Outcome::AlreadyThere, "{text}");
        assert!(text.contains("C++            missing: no libc++ for WebAssembly"), "{text}");
    }
    fake.with_apt(&[22], &[]);
    let (outcome, _) = run(&fake, &options);
    assert_eq!(outcome.unwrap(), Outcome::AlreadyThere, "neither root nor sudo");

    fake.machine.root = true;
    let (_, text) = run(&fake, &options);
    assert!(text.starts_with("found, but not complete: "), "{text}");
    assert!(fake.apt_log().contains("libc++-22-dev-wasm32 libc++abi-22-dev-wasm32"), "{}", fake.apt_log());
}

#[test]
fn apt_needs_root_or_sudo() {
    let mut fake = Fake::machine();
    fake.with_apt(&[22], &[]);
    let options = Options { method: Method::Apt, yes: true, ..Options::default() };
    let (outcome, _) = run(&fake, &options);
    let error = outcome.unwrap_err();
    assert!(matches!(error, SetupError::NotRoot { .. }), "{error}");
    assert!(error.to_string().contains("apt-get install clang-22"), "{error}");

    fake.with_sudo();
    let _ = run(&fake, &options);
    assert!(fake.apt_log().contains("sudo "), "{}", fake.apt_log());
}

#[test]
fn an_apt_dry_run_installs_nothing() {
    let mut fake = Fake::machine();
    fake.with_apt(&[22], &[]);
    fake.machine.root = true;
    let (outcome, text) = run(&fake, &Options { dry_run: true, ..Options::default() });
    assert_eq!(outcome.unwrap(), Outcome::DryRun);
    assert!(text.contains("clang-22 lld-22"), "{text}");
    assert!(!fake.apt_log().contains("apt-get"), "{}", fake.apt_log());
}

#[test]
fn a_machine_whose_apt_has_no_lists_yet_gets_them_first() {
    let mut fake = Fake::machine();
    fake.with_apt(&[22], &[]);
    fake.without_apt_lists();
    fake.machine.root = true;
    let (outcome, text) = run(&fake, &Options { dry_run: true, ..Options::default() });
    assert_eq!(outcome.unwrap(), Outcome::DryRun);
    assert!(text.contains("will refresh apt's lists") && fake.apt_log().is_empty(), "{text}");

    let (_, text) = run(&fake, &Options { yes: true, ..Options::default() });
    assert!(text.contains("will install with apt-get: clang-22"), "{text}");
    let log = fake.apt_log();
    assert_eq!(log.matches("apt-get update").count(), 1, "{log}");
    assert!(log.find("apt-get update") < log.find("apt-get install"), "{log}");
}

#[test]
fn auto_downloads_where_apt_is_too_old() {
    let mut fake = Fake::machine();
    fake.with_apt(&[14, 16], &[]);
    fake.machine.root = true;
    let (outcome, text) = run(&fake, &Options { dry_run: true, ..Options::default() });
    assert_eq!(outcome.unwrap(), Outcome::DryRun);
    assert!(text.contains("not with apt: apt offers no clang 20 or later") && text.contains("the newest is clang-16"), "{text}");
    assert!(text.contains("will download"), "{text}");
}

#[test]
fn a_wrong_wasi_sdk_path_is_not_worked_around() {
    let mut fake = Fake::machine();
    fake.machine.environment.wasi_sdk_path = Some("/nowhere/wasi-sdk".into());
    let (outcome, _) = run(&fake, &Options { yes: true, ..Options::default() });
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains("WASI_SDK_PATH names /nowhere/wasi-sdk"), "{text}");
}

#[test]
fn the_program_itself_downloads_and_says_so() {
    let fake = Fake::machine();
    let bytes = archive(&sdk_entries());
    let server = serve(Answer::Whole(bytes.clone()));
    let sdk = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_cargo-sandbox"))
            .args(["sandbox", "setup"])
            .args(arguments)
            .env("CARGO_SANDBOX_CACHE", fake.cache())
            .env_remove("WASI_SDK_PATH")
            .env_remove("LIBCLANG_PATH")
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    };
    // --force: the machine that runs the tests may have a toolchain, and that one may also be found first afterwards.
    let output = sdk(&["--method", "download", "--force", "--yes", "--base-url", &server.url, "--sha256", &digest(&bytes)]);
    std::io::stderr().write_all(&output.stderr).unwrap();
    assert!(output.status.success());
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        assert_eq!(fake.cached(), [NAME]);
    }
    let output = sdk(&["--method", "download", "--force", "--sha256", "abc"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("64 hexadecimal digits"));
}
