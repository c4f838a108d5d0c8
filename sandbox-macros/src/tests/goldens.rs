//! Each `tests/goldens/NAME.in.rs` has a `NAME.out.rs`, and each `tests/goldens/errors/NAME.in.rs` a `NAME.out.txt`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::invocation;

#[test]
fn the_expansion_is_the_golden_one() {
    compare("tests/goldens", "rs", |source| {
        let expansion = crate::expansion(invocation(source)).expect("the input has no errors");
        let file = syn::parse2(expansion).expect("the expansion is Rust");
        prettyplease::unparse(&file)
    });
}

#[test]
fn the_errors_are_the_golden_ones() {
    compare("tests/goldens/errors", "txt", |source| {
        let errors = crate::expansion(invocation(source)).expect_err("the input has errors");
        let mut lines: Vec<_> = errors
            .into_iter()
            .map(|error| {
                let start = error.span().start();
                (start.line, start.column + 1, error.to_string())
            })
            .collect();
        lines.sort();
        lines.iter().map(|(line, column, message)| format!("{line}:{column}: {message}\n")).collect()
    });
}

#[test]
fn generated_code_is_unsafe_where_it_vouches_for_machine_code_alone() {
    for input in inputs("tests/goldens") {
        let source = fs::read_to_string(&input).expect("readable");
        let expansion = crate::expansion(invocation(&source)).expect("the input has no errors").to_string();
        let vouching = "unsafe { :: sandbox :: __private :: Precompiled :: trusted (& []) }";
        let (before, after) = expansion.split_once(vouching).expect("the code is vouched for");
        assert!(!before.contains("unsafe") && !after.contains("unsafe"), "{} expands to other unsafe code", input.display());
    }
}

/// Somebody may have made another macro of `include_bytes` where the words stand.
#[test]
fn what_the_build_has_written_is_read_by_the_standard_librarys_own_macros() {
    let expand = |bytes: &str| {
        let source = format!("#[precompiled(unsafe({bytes}))] pub mod m {{ extern \"C\" {{ pub fn f(); }} }}");
        crate::expansion(source.parse().expect("tokens")).expect("the input has no errors").to_string()
    };
    let built = expand(r#"include_bytes!(concat!(env!("OUT_DIR"), "/sandbox/", "m/lib.cwasm"))"#);
    let own = r#"trusted (:: core :: include_bytes ! (:: core :: concat ! (:: core :: env ! ("OUT_DIR") , "/sandbox/m/lib.cwasm")))"#;
    assert!(built.contains(own), "{built}");
    for by_hand in [
        r#"include_bytes!("/code")"#,
        r#"include_bytes!(concat!(env!("OUT_DIR"), "/../code"))"#,
        r#"include_bytes!(concat!(env!("OUT_DIR"), "code"))"#,
        r#"include_bytes!(concat!(env!("HOME"), "/code"))"#,
        r#"include_bytes!(concat!("/x", env!("OUT_DIR"), "/code"))"#,
        r#"include_bytes!(concat!(env!("OUT_DIR"), "/", WHAT))"#,
        r#"std::include_bytes!(concat!(env!("OUT_DIR"), "/code"))"#,
    ] {
        assert!(!expand(by_hand).contains(":: core :: include_bytes"), "{by_hand}");
    }
}

fn inputs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(folder).to_path_buf();
    let mut inputs: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of goldens")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.to_string_lossy().ends_with(".in.rs"))
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no goldens");
    inputs
}

fn compare(folder: &str, extension: &str, output: impl Fn(&str) -> String) {
    let bless = env::var_os("BLESS").is_some();
    let mut different = Vec::new();
    for input in inputs(folder) {
        let source = fs::read_to_string(&input).expect("readable");
        let actual = output(&source);
        let golden = PathBuf::from(input.to_string_lossy().replace(".in.rs", &format!(".out.{extension}")));
        if bless {
            fs::write(&golden, actual).expect("writable");
        } else if fs::read_to_string(&golden).unwrap_or_default().replace("\r\n", "\n") != actual {
            different.push(format!("{}:\n{actual}", golden.display()));
        }
    }
    assert!(different.is_empty(), "goldens differ (BLESS=1 accepts):\n{}", different.join("\n"));
}
