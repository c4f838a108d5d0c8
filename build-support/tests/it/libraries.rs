//! The public headers of ten libraries, as published: what is bound, and what is not and why.
//!
//! `docs/libraries.md` has the answer. Set `BLESS=1` to write it anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use build_support::{Library, Refusal, Survey, crate_source};
use headers::found::Found;
use headers::second::Compiler;

/// A library in a published crate.
pub(crate) struct Published {
    /// The name of its module.
    pub(crate) name: &'static str,
    /// Its version, which no crate's version tells.
    version: &'static str,
    kind: &'static str,
    package: &'static str,
    /// The include folder in the package.
    folder: &'static str,
    headers: &'static [&'static str],
    /// The functions that a build defines: all that are declared, as a rule.
    functions: &'static str,
}

const LIBRARIES: [Published; 10] = [
    Published {
        name: "expat",
        version: "2.1.0",
        kind: "XML parser",
        package: "expat-sys",
        folder: "expat/lib",
        headers: &["expat.h"],
        functions: ".*",
    },
    Published {
        name: "libpng",
        version: "1.6.50",
        kind: "image codec",
        package: "libpng-sys",
        folder: "vendor",
        headers: &["png.h"],
        functions: ".*",
    },
    Published {
        name: "libwebp",
        version: "1.6.0",
        kind: "image codec",
        package: "libwebp-sys",
        folder: "vendor/src",
        headers: &["webp/decode.h", "webp/encode.h", "webp/demux.h", "webp/mux.h"],
        functions: ".*",
    },
    Published {
        name: "libyaml",
        version: "0.2.2",
        kind: "YAML parser",
        package: "libyaml-sys",
        folder: "libyaml/include",
        headers: &["yaml.h"],
        functions: ".*",
    },
    Published {
        name: "lua",
        version: "5.4.9",
        kind: "scripting language",
        package: "lua-src",
        folder: "lua-5.4.9",
        headers: &["lua.h", "lualib.h", "lauxlib.h"],
        functions: ".*",
    },
    Published {
        name: "opus",
        version: "1.3",
        kind: "audio codec",
        package: "audiopus_sys",
        folder: "opus/include",
        headers: &["opus.h", "opus_multistream.h", "opus_projection.h"],
        functions: ".*",
    },
    Published {
        name: "pcre2",
        version: "10.46",
        kind: "regular expressions",
        package: "pcre2-sys",
        folder: "upstream/include",
        headers: &["pcre2.h"],
        // Each function is declared for three widths of characters; a library has one, or is built three times.
        functions: ".*_8",
    },
    Published {
        name: "sqlite",
        version: "3.54.1",
        kind: "database",
        package: "libsqlite3-sys",
        folder: "sqlite3",
        headers: &["sqlite3.h"],
        functions: ".*",
    },
    Published {
        name: "zlib",
        version: "1.3.2",
        kind: "compressor",
        package: "libz-sys",
        folder: "src/zlib",
        headers: &["zlib.h"],
        functions: ".*",
    },
    Published {
        name: "zstd",
        version: "1.5.7",
        kind: "compressor",
        package: "zstd-sys",
        folder: "zstd/lib",
        headers: &["zstd.h", "zdict.h", "zstd_errors.h"],
        functions: ".*",
    },
];

/// What was found in each library.
pub(crate) static SURVEYS: LazyLock<Vec<(&Published, Survey)>> =
    LazyLock::new(|| LIBRARIES.iter().map(|library| (library, library.survey())).collect());

impl Published {
    /// Where its `lib.cwasm` would be.
    pub(crate) fn code(&self) -> PathBuf {
        output_folder().join("sandbox").join(self.name).join("lib.cwasm")
    }

    fn survey(&self) -> Survey {
        let mut library = Library::new(self.name);
        library.out_dir(output_folder());
        library.allow_function(self.functions).allow_type(".*").allow_var(".*");
        for folder in self.includes() {
            library.include(folder);
        }
        for (name, value) in self.defines() {
            library.define(name, *value);
        }
        for header in self.headers {
            library.header(header);
        }
        library.survey().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// The folders of its headers.
    fn includes(&self) -> Vec<PathBuf> {
        let source = crate_source(self.package);
        let mut folders = vec![source.join(self.folder)];
        // As libpng's own build would configure it.
        if self.name == "libpng" {
            let generated = output_folder().join("generated");
            std::fs::create_dir_all(&generated).unwrap();
            std::fs::copy(source.join("vendor/scripts/pnglibconf.h.prebuilt"), generated.join("pnglibconf.h")).unwrap();
            folders.push(generated);
        }
        folders
    }

    fn defines(&self) -> &'static [(&'static str, Option<&'static str>)] {
        // Its header insists on a width.
        if self.name == "pcre2" { &[("PCRE2_CODE_UNIT_WIDTH", Some("8"))] } else { &[] }
    }

    /// What the compiler, asked in another way, has otherwise.
    fn disagreements(&self, survey: &Survey) -> Vec<String> {
        let defines: Vec<_> = self.defines().iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let compiler = Compiler::new(&output_folder().join("second").join(self.name), &self.includes(), &defines).unwrap();
        let headers: Vec<String> = self.headers.iter().map(|header| (*header).to_owned()).collect();
        let mut wrong = compiler.disagreements(&headers, &survey.bindings).unwrap();
        // What was not asked for is not lost.
        if self.functions == ".*" {
            wrong.extend(compiler.lost(&headers, &survey.bindings, &Found::from(survey)).unwrap());
        }
        wrong
    }

    /// The package and its version, as the lockfile has them.
    fn package(&self) -> String {
        let folder = crate_source(self.package);
        let name = folder.file_name().unwrap().to_string_lossy();
        name.replacen(&format!("{}-", self.package), &format!("{} ", self.package), 1)
    }
}

fn output_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("libraries")
}

#[test]
fn nearly_every_function_of_ten_libraries_is_bound() {
    let bound: usize = SURVEYS.iter().map(|(_, survey)| survey.functions.bound.len()).sum();
    let refused: usize = SURVEYS.iter().map(|(_, survey)| survey.functions.refused.len()).sum();
    assert!(bound * 100 >= (bound + refused) * 98, "{bound} functions are bound, and {refused} refused");
}

#[test]
fn the_c_compiler_agrees_about_ten_libraries() {
    for (library, survey) in &*SURVEYS {
        assert_eq!(library.disagreements(survey), [""; 0], "{}", library.name);
    }
}

#[test]
fn the_table_of_ten_libraries_is_up_to_date() {
    let found = table();
    let path = Path::new("../docs/libraries.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == kept, "{} is out of date; run this test with BLESS=1. It should be:\n{found}", path.display());
}

const INTRODUCTION: &str = "\
# Ten libraries, bound as they are

What `build-support` binds of the public headers of ten C libraries. Nobody edits a header, and no declaration is written by hand: each library
is a published crate that vendors the C sources, and its bindings come from [`Library::survey`](../build-support/src/survey.rs) with all functions,
types and constants allowed. Each refused item is listed with its reason below the table.

A test writes this page and fails when it is out of date. After a change to the bindings, or to the versions in `Cargo.lock`:

```sh
BLESS=1 cargo test --test it libraries
```

";

const LEGEND: &str = "
*Functions* are those that the library's own headers declare, without macros with parameters. *Types* are structs, unions, enums and typedefs;
an *opaque* one is bound, but only pointers to it exist. *Constants* are macros and the enumerators of unnamed enums; those of named enums come
with their types.
";

/// Writes `docs/libraries.md`.
fn table() -> String {
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| library | | crate | functions | refused | types | opaque | refused | constants | refused |\n");
    text.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
    let mut sums = [0; 7];
    for (library, survey) in &*SURVEYS {
        let Published { name, version, kind, .. } = library;
        let Survey { functions, types, opaque, constants, .. } = survey;
        let counts = [
            functions.bound.len(),
            functions.refused.len(),
            types.bound.len(),
            opaque.len(),
            types.refused.len(),
            constants.bound.len(),
            constants.refused.len(),
        ];
        let _ =
            writeln!(text, "| {name} {version} | {kind} | {} | {} |", library.package(), counts.map(|count| count.to_string()).join(" | "));
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let _ = writeln!(text, "| **all** | | | {} |", sums.map(|sum| sum.to_string()).join(" | "));
    let [bound, refused, ..] = sums.map(|sum| sum as f64);
    let _ = writeln!(text, "\n{:.1} % of the functions are bound.", 100.0 * bound / (bound + refused));
    text.push_str(LEGEND);
    for (library, survey) in &*SURVEYS {
        let _ = write!(text, "\n## {}\n\n", library.name);
        let kinds = [
            ("function", &survey.functions.refused),
            ("opaque type", &survey.opaque),
            ("type", &survey.types.refused),
            ("constant", &survey.constants.refused),
        ];
        if kinds.iter().all(|(_, refused)| refused.is_empty()) {
            text.push_str("Everything is bound.\n");
            continue;
        }
        text.push_str("| not bound | | why |\n|---|---|---|\n");
        for (kind, refused) in kinds {
            for Refusal { name, reason, .. } in refused {
                let _ = writeln!(text, "| `{name}` | {kind} | {reason} |");
            }
        }
    }
    text
}
