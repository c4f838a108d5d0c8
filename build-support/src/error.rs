//! The one error type: what failed, on what, and what to do next.

use crate::bindings::ir::Kind;
use std::path::PathBuf;

use sandbox_toolchain::{ExecError, ToolchainError};

/// Explains why a library could not be built.
///
/// Each message says what failed, on what, and what to do next. What a compiler printed is kept word for word.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable toolchain was found, or setjmp support is missing.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),

    /// The builder was used in a way that cannot work.
    #[error("library `{library}`: {what}")]
    Usage {
        /// The library's name.
        library: String,
        /// What is wrong, and what to write instead.
        what: String,
    },

    /// A variable that cargo sets for build scripts is missing.
    #[error("{0} is not set: build-support runs inside a build script; elsewhere, set `.out_dir(…)` and give absolute paths")]
    NotInBuildScript(&'static str),

    /// A source file, folder or pattern that names nothing.
    #[error("library `{library}`: {what} {path} does not exist; {next}", path = path.display())]
    Missing {
        /// The library's name.
        library: String,
        /// What was looked for: "source file", "include folder", …
        what: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What to do about it.
        next: String,
    },

    /// The C compiler refused a file.
    #[error("library `{library}`: cannot compile {file}\n{tool}", file = file.display())]
    Compile {
        /// The library's name.
        library: String,
        /// The C file.
        file: PathBuf,
        /// What the compiler printed, and the command.
        tool: String,
    },

    /// A C++ source throws or catches, and the toolchain's C++ library has no exceptions.
    #[error(
        "library `{library}`: its C++ uses exceptions, which the toolchain at {toolchain} does not have\n{tool}\n\
         a C++ library for WebAssembly is usually built without exceptions, and sources are compiled with -fno-exceptions then; \
         define what turns them off in this library, if it has such a switch, or leave the files out that throw, \
         or set WASI_SDK_PATH to a wasi-sdk of version 33 or later, which has exceptions",
        toolchain = toolchain.display()
    )]
    Exceptions {
        /// The library's name.
        library: String,
        /// The toolchain's folder.
        toolchain: PathBuf,
        /// What the compiler or the linker printed, and the command.
        tool: String,
    },

    /// The linker refused the objects for a reason that is not a missing symbol.
    #[error("library `{library}`: cannot link the module\n{tool}")]
    Link {
        /// The library's name.
        library: String,
        /// What the linker printed, and the command.
        tool: String,
    },

    /// Symbols that the sources use and nothing provides.
    #[error("library `{library}`: nothing provides {}", list_imports(symbols, variables))]
    Unresolved {
        /// The library's name.
        library: String,
        /// Each symbol, as `module.name`, with the object that uses it.
        symbols: Vec<(String, String)>,
        /// Those of them that are variables.
        variables: Vec<String>,
    },

    /// The module imports what `.only_imports(…)` does not name.
    #[error("library `{library}`: {}", list_extra(imports, line))]
    Imports {
        /// The library's name.
        library: String,
        /// Each import, as `module.name`, with who uses it.
        imports: Vec<(String, String)>,
        /// The line that would allow them.
        line: String,
    },

    /// Allowed functions and variables that a header declares and no source defines.
    #[error("library `{library}`: {}", list_undefined(functions, variables, cxx))]
    Undefined {
        /// The library's name.
        library: String,
        /// The C functions.
        functions: Vec<String>,
        /// The C variables.
        variables: Vec<String>,
        /// Those of them that a source defines with C++ linkage.
        cxx: Vec<String>,
    },

    /// Patterns of the allow lists that match nothing.
    #[error("library `{library}`: {}", patterns.join("\n"))]
    UnknownSymbol {
        /// The library's name.
        library: String,
        /// One line for each pattern.
        patterns: Vec<String>,
    },

    /// C items that the bindings cannot express yet.
    #[error("library `{library}`: {} C item(s) are not supported yet{}", items.len(), list_items(items))]
    Unsupported {
        /// The library's name.
        library: String,
        /// Each item: its C name, the reason, and the line to paste.
        items: Vec<UnsupportedItem>,
    },

    /// The headers could not be read.
    #[error("library `{library}`: cannot read the headers\n{tool}")]
    Headers {
        /// The library's name.
        library: String,
        /// What clang or bindgen printed.
        tool: String,
    },

    /// The C compiler's layout differs from the bindings.
    #[error(
        "library `{library}`: the C compiler disagrees with the bindings about a layout; \
         block the type with `.block_type(…)` and report this as a bug\n{tool}"
    )]
    Layout {
        /// The library's name.
        library: String,
        /// What the compiler printed, and the command.
        tool: String,
    },

    /// The finished module is not what the runtime expects.
    #[error("library `{library}`: the linked module is wrong: {what}")]
    Module {
        /// The library's name.
        library: String,
        /// What is wrong, and what to do.
        what: String,
    },

    /// The function of `.pre_initialize(…)` is none, or did not end well.
    #[error("library `{library}`: cannot initialise it with `{function}` at build time: {what}")]
    PreInitialize {
        /// The library's name.
        library: String,
        /// The C function.
        function: String,
        /// What went wrong, and what to do where that is known.
        what: String,
    },

    /// wasmtime refused to compile the module.
    #[error("cannot precompile the module for {target}: {reason}")]
    Precompile {
        /// The target triple.
        target: String,
        /// wasmtime's reason, and what to do where that is known.
        reason: String,
    },

    /// `cargo metadata` failed, or the crate is not a dependency.
    #[error("{0}")]
    CrateSource(String),

    /// Reading or writing a file failed.
    #[error("cannot {what} {path}: {source}", path = path.display())]
    Io {
        /// What was tried: "read", "write", …
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },

    /// A tool could not be run, or failed where no other variant says more.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// As a build prints it: a build script that ends with `?` or `unwrap` shows this.
impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Names a C item that the bindings cannot express, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsupportedItem {
    /// The C name.
    pub name: String,
    /// Why it is not supported.
    pub reason: String,
    pub(crate) kind: Kind,
    /// Whether the allow list has its name, and not only a pattern that it matches.
    pub(crate) named: bool,
}

impl UnsupportedItem {
    /// The builder line that leaves it out.
    fn fix(&self) -> String {
        format!(".block_{}(\"{}\")", self.kind.word(), self.name)
    }
}

impl Error {
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn usage(library: &str, what: impl Into<String>) -> Self {
        Self::Usage { library: library.to_owned(), what: what.into() }
    }
}

fn list_imports(symbols: &[(String, String)], variables: &[String]) -> String {
    let mut text = String::new();
    for (symbol, user) in symbols {
        if variables.contains(symbol) {
            let name = symbol.trim_start_matches("env.");
            text.push_str(&format!(
                "\n  `{name}`, a variable that {user} uses: add the source file that defines it, or define it in a shim: .shim(\"shim.c\")"
            ));
            continue;
        }
        let name = symbol.split_once('.').map_or(symbol.as_str(), |(_, name)| name);
        text.push_str(&format!(
            "\n  `{name}`, used by {user}: add the source file that defines it, or let calls to it be denied at run time: \
             .allow_import(\"{symbol}\")"
        ));
    }
    text
}

fn list_extra(imports: &[(String, String)], line: &str) -> String {
    let mut text = "the module imports what .only_imports(…) does not name".to_owned();
    for (import, user) in imports {
        text.push_str(&format!("\n  `{import}`, {user}"));
    }
    text.push_str("\nleave out the sources or functions that need it, or allow it with this line in build.rs:\n  ");
    text.push_str(line);
    text
}

fn list_undefined(functions: &[String], variables: &[String], cxx: &[String]) -> String {
    let what = match (functions.len(), variables.len()) {
        (functions, 0) => format!("{functions} allowed function(s)"),
        (0, variables) => format!("{variables} allowed variable(s)"),
        (functions, variables) => format!("{functions} allowed function(s) and {variables} variable(s)"),
    };
    let mut text = format!("{what} are declared in a header and defined in no source file");
    let functions = functions.iter().map(|name| (Kind::Function, name));
    for (kind, name) in functions.chain(variables.iter().map(|name| (Kind::Var, name))) {
        let word = kind.word();
        if cxx.contains(name) {
            text.push_str(&format!(
                "\n  `{name}`: it is defined as C++, under another symbol; include the header in the file that defines it, \
                 and declare it there `extern \"C\"` (within `#ifdef __cplusplus`)"
            ));
            continue;
        }
        text.push_str(&format!("\n  `{name}`: add the source file that defines it, or leave it out: .block_{word}(\"{name}\")"));
    }
    text
}

fn list_items(items: &[UnsupportedItem]) -> String {
    let mut text = String::new();
    for item in items {
        let allowed = if item.kind == Kind::Type { "the type is in the allow list, but " } else { "" };
        text.push_str(&format!("\n  `{}`: {allowed}{}", item.name, item.reason));
    }
    text.push_str("\nleave them out with these lines:");
    let mut fixes: Vec<String> = items.iter().map(UnsupportedItem::fix).collect();
    fixes.dedup();
    for fix in fixes {
        text.push_str(&format!("\n  {fix}"));
    }
    text
}
