//! Folders and files with names that make trouble elsewhere: each works, or is refused by its name.

use std::path::{Path, PathBuf};

use build_support::{Error, Library, Output};

use crate::Project;

/// A library in a folder of this name, which is built in one of this name, too.
fn build(project: &Project, name: &Path) -> Result<Output, Error> {
    let folder = project.folder.path().join(name);
    std::fs::create_dir_all(folder.join("include")).unwrap();
    std::fs::create_dir_all(folder.join("out")).unwrap();
    std::fs::write(folder.join("include/x.h"), "#include <stdint.h>\nint f(int v);\n#define TEXT \"text\"\nenum e { A };\n").unwrap();
    std::fs::write(folder.join("one.c"), "#include <x.h>\nint f(int v) { return v + (int)sizeof(TEXT); }\n").unwrap();
    let mut library = Library::new("x");
    library.out_dir(folder.join("out")).source_dir(&folder).glob("*.c").include("include").header("x.h");
    library.config_header("config.h", [("X", "1")]);
    library.allow_function("f").allow_var("TEXT").allow_type("e").try_compile()
}

#[test]
fn folders_with_odd_names_work() {
    let project = Project::new(&[]);
    for name in [
        "a b",
        "it's",
        "say \"so\"",
        "#hash",
        "$HOME",
        "100%",
        "[x]",
        "{y}",
        "*",
        "?",
        "a;b",
        "a=b",
        "a,b",
        "a:b",
        "-flag",
        "@file",
        "é世界",
        "tab\there",
        "(1)",
        "!",
        "~",
        "`x`",
        "&",
        "|",
        "<>",
    ] {
        let output = build(&project, Path::new(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let bindings = std::fs::read_to_string(output.bindings()).unwrap();
        assert!(bindings.contains("pub fn f(") && bindings.contains("TEXT"), "{name}: {bindings}");
        let watched = output.inputs();
        let folder = project.folder.path().join(name);
        for file in [folder.join("one.c"), folder.join("include/x.h")] {
            assert!(watched.contains(&file), "{name}: {} is not among {watched:?}", file.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn what_cargo_could_not_watch_is_refused_by_its_name() {
    use std::os::unix::ffi::OsStrExt as _;

    let project = Project::new(&[]);
    for name in [&b"line\nbreak"[..], b"return\r", b"back\\slash", b"latin-\xe9"] {
        let name = PathBuf::from(std::ffi::OsStr::from_bytes(name));
        let error = build(&project, &name).unwrap_err();
        assert!(matches!(error, Error::Usage { .. }), "{error}");
        let said = error.to_string();
        let shown = format!("{name:?}");
        assert!(said.contains(shown.trim_matches('"')) && said.contains("rename it"), "{said}");
    }
}
