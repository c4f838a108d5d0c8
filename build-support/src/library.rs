//! The builder.

use std::path::{Path, PathBuf};

use sandbox_engine::Metering;
use sandbox_toolchain::Toolchain;

use crate::source::Entry;
use crate::{Error, Survey, Tuned, survey};

/// Describes one C library of a module: its sources and how they are compiled.
///
/// A [`Library`] has these settings too; a part of its own is for a second library in the same module, see
/// [`Library::library`].
#[derive(Debug, Clone, Default)]
pub struct Part {
    source_dir: Option<PathBuf>,
    pub(crate) sources: Vec<(Option<PathBuf>, Entry)>,
    pub(crate) includes: Vec<(Option<PathBuf>, PathBuf, &'static str)>,
    pub(crate) defines: Vec<(String, Option<String>)>,
    pub(crate) flags: Vec<String>,
    pub(crate) opt_level: Option<String>,
    pub(crate) headers: Vec<PathBuf>,
    pub(crate) tuned: Vec<Tuned>,
    pub(crate) excluded: Vec<String>,
    /// The names and texts of headers to write.
    pub(crate) config_headers: Vec<(String, String)>,
}

/// Implements the settings that a part and a library share, by forwarding to `$part`.
macro_rules! part_settings {
    ($($part:tt)+) => {
        /// Sets the folder that the following source files and include folders are relative to.
        ///
        /// The folder is searched for headers too. It can be set again, for sources in several places. A relative
        /// folder is relative to the package.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.source_dir("vendor/zlib").files(["adler32.c", "crc32.c"]);
        /// ```
        pub fn source_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
            let part = &mut self.$($part)+;
            let folder = folder.as_ref().to_owned();
            part.includes.push((None, folder.clone(), "the source folder"));
            part.source_dir = Some(folder);
            self
        }

        /// Adds a C or C++ source file.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.file("src/crc32.c");
        /// ```
        pub fn file(&mut self, file: impl AsRef<Path>) -> &mut Self {
            let part = &mut self.$($part)+;
            part.sources.push((part.source_dir.clone(), Entry::File(file.as_ref().to_owned())));
            self
        }

        /// Adds source files.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.source_dir("vendor/zlib").files(["adler32.c", "crc32.c"]);
        /// ```
        pub fn files(&mut self, files: impl IntoIterator<Item = impl AsRef<Path>>) -> &mut Self {
            for file in files {
                self.file(file);
            }
            self
        }

        /// Adds every source file that matches a pattern; one that matches nothing is an error.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("lz4");
        /// library.source_dir("vendor").glob("src/**/*.c");
        /// ```
        pub fn glob(&mut self, pattern: impl Into<String>) -> &mut Self {
            let part = &mut self.$($part)+;
            part.sources.push((part.source_dir.clone(), Entry::Glob(pattern.into())));
            self
        }

        /// Leaves out files that a [`glob`](Self::glob) of this library or part matches: by name
        /// (`*_demo.c`), or by a path relative to the source folder (`tools/*.c`).
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("lz4");
        /// library.source_dir("vendor").glob("src/*.c").exclude("*_demo.c").exclude("src/main.c");
        /// ```
        pub fn exclude(&mut self, pattern: impl Into<String>) -> &mut Self {
            self.$($part)+.excluded.push(pattern.into());
            self
        }

        /// Writes a header of macros, as `configure` or CMake would, to a folder that is searched
        /// for headers.
        ///
        /// A value is written as it is. `docs/configure.md` says which of the usual `HAVE_…` hold
        /// for wasi-libc.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("expat");
        /// library.config_header("config.h", [("HAVE_STDINT_H", "1"), ("PACKAGE_NAME", "\"expat\"")]);
        /// ```
        pub fn config_header<'a>(&mut self, name: &str, macros: impl IntoIterator<Item = (&'a str, impl std::fmt::Display)>) -> &mut Self {
            let lines = macros.into_iter().map(|(name, value)| format!("#define {name} {value}\n"));
            let text = format!("/* Written by the build script. */\n{}", lines.collect::<String>());
            self.$($part)+.config_headers.push((name.to_owned(), text));
            self
        }

        /// Adds a folder that is searched for headers.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.include("include").include(std::env::var_os("OUT_DIR").unwrap());
        /// ```
        pub fn include(&mut self, folder: impl AsRef<Path>) -> &mut Self {
            let part = &mut self.$($part)+;
            part.includes.push((part.source_dir.clone(), folder.as_ref().to_owned(), "the include folder"));
            self
        }

        /// Defines a preprocessor macro.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("sqlite");
        /// library.define("SQLITE_OMIT_LOAD_EXTENSION", None).define("SQLITE_THREADSAFE", "0");
        /// ```
        pub fn define<'a>(&mut self, name: &str, value: impl Into<Option<&'a str>>) -> &mut Self {
            let part = &mut self.$($part)+;
            part.defines.push((name.to_owned(), value.into().map(str::to_owned)));
            self
        }

        /// Adds a flag for the compiler, after all others. The headers are read with it too.
        ///
        /// A standard, such as `-std=c++20`, is for the files of its language alone.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.flag("-fno-strict-aliasing");
        /// ```
        pub fn flag(&mut self, flag: impl Into<String>) -> &mut Self {
            self.$($part)+.flags.push(flag.into());
            self
        }

        /// Sets the optimisation level: "0" to "3" (the default), "s" or "z".
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.opt_level("s");
        /// ```
        pub fn opt_level(&mut self, level: impl Into<String>) -> &mut Self {
            self.$($part)+.opt_level = Some(level.into());
            self
        }

        /// Compiles hot functions of zlib or libpng as they are written for Wasm: about as fast as native ones, see [`Tuned`].
        ///
        /// It is an error if the sources are not those of this library, and needs SIMD.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.tuned(build_support::Tuned::Zlib);
        /// ```
        pub fn tuned(&mut self, library: Tuned) -> &mut Self {
            let part = &mut self.$($part)+;
            if !part.tuned.contains(&library) {
                part.tuned.push(library);
            }
            self
        }

        /// Adds a header whose declarations can be bound. It is searched for like `#include <…>`.
        ///
        /// ```no_run
        /// # let mut library = build_support::Library::new("zlib");
        /// library.header("zlib.h");
        /// ```
        pub fn header(&mut self, header: impl AsRef<Path>) -> &mut Self {
            self.$($part)+.headers.push(header.as_ref().to_owned());
            self
        }
    };
}

impl Part {
    part_settings!(this_part_mut());

    fn this_part_mut(&mut self) -> &mut Self {
        self
    }
}

/// Builds one sandboxed library: a Wasm module of C sources, and its bindings.
///
/// # Examples
///
/// ```no_run
/// build_support::Library::new("zlib")
///     .source_dir(build_support::crate_source("libz-sys").join("src/zlib"))
///     .files(["adler32.c", "crc32.c", "zutil.c"])
///     .header("zlib.h")
///     .allow_function("adler32|crc32")
///     .compile();
/// ```
#[derive(Debug, Clone)]
pub struct Library {
    pub(crate) name: String,
    pub(crate) main: Part,
    pub(crate) parts: Vec<Part>,
    pub(crate) shims: Vec<PathBuf>,
    pub(crate) functions: AllowBlock,
    pub(crate) types: AllowBlock,
    pub(crate) vars: AllowBlock,
    pub(crate) allow_imports: Vec<String>,
    pub(crate) only_imports: Option<Vec<String>>,
    pub(crate) simd: bool,
    pub(crate) setjmp: bool,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) stack_size: u64,
    pub(crate) initial_heap: Option<u64>,
    pub(crate) unroll_loops: bool,
    pub(crate) strength_reduction: bool,
    pub(crate) metering: Metering,
    pub(crate) line_numbers: Option<bool>,
    pub(crate) pre_initialize: Option<String>,
    pub(crate) toolchain: Option<Toolchain>,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) target: Option<String>,
}

/// The patterns of one kind of item, as the user wrote them.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllowBlock {
    pub(crate) allow: Vec<String>,
    pub(crate) block: Vec<String>,
}

impl Library {
    /// Starts a library. The name is a Rust identifier: it names the module of the bindings.
    ///
    /// ```no_run
    /// let library = build_support::Library::new("zlib");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            main: Part::default(),
            parts: Vec::new(),
            shims: Vec::new(),
            functions: AllowBlock::default(),
            types: AllowBlock::default(),
            vars: AllowBlock::default(),
            allow_imports: Vec::new(),
            only_imports: None,
            simd: true,
            setjmp: true,
            memory_limit: None,
            // The linker's own 64 KiB overflows in ordinary C; untouched pages cost nothing.
            stack_size: 1 << 20,
            initial_heap: None,
            unroll_loops: true,
            strength_reduction: false,
            metering: Metering::DEFAULT,
            line_numbers: None,
            pre_initialize: None,
            toolchain: None,
            out_dir: None,
            target: None,
        }
    }

    part_settings!(main);

    /// Adds a C or C++ file of one's own that is compiled in with the library, relative to the package.
    ///
    /// Functions that it defines can be bound when a header declares them: name that with [`Library::header`]. The
    /// compiler's warnings about a shim are shown; those about the library's own sources are not.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.shim("shim.c").header("shim.h").allow_function("shim_.*");
    /// ```
    pub fn shim(&mut self, file: impl AsRef<Path>) -> &mut Self {
        self.shims.push(file.as_ref().to_owned());
        self
    }

    /// Adds another C library to the same module, with sources, defines and flags of its own.
    ///
    /// Its include folders are searched after those of this library, and its headers can be bound too.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("libpng");
    /// let zlib = build_support::crate_source("libz-sys").join("src/zlib");
    /// library.library(|part| {
    ///     part.source_dir(zlib).files(["adler32.c", "inflate.c"]).define("Z_SOLO", None);
    /// });
    /// ```
    pub fn library(&mut self, settings: impl FnOnce(&mut Part)) -> &mut Self {
        let mut part = Part::default();
        settings(&mut part);
        self.parts.push(part);
        self
    }

    /// Allows functions: a regular expression over whole C names. Nothing else is exported and bound.
    ///
    /// Functions of libc's headers are bound only if they are named in full. A pattern, and each of its `|` alternatives,
    /// has to match something.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.allow_function("crc32|adler32|(in|de)flate.*");
    /// ```
    pub fn allow_function(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.functions.allow.push(pattern.into());
        self
    }

    /// Leaves functions out that an allow pattern matches.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.allow_function("gz.*").block_function("gzprintf");
    /// ```
    pub fn block_function(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.functions.block.push(pattern.into());
        self
    }

    /// Binds types that no allowed function needs, and insists on all their fields.
    ///
    /// Types that the allowed functions use are bound anyway. A struct that the bindings cannot express becomes opaque,
    /// but not one that is named here: that is an error.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.allow_type("gz_header");
    /// ```
    pub fn allow_type(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.types.allow.push(pattern.into());
        self
    }

    /// Makes structs opaque: only pointers to them exist.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.block_type("internal_state");
    /// ```
    pub fn block_type(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.types.block.push(pattern.into());
        self
    }

    /// Binds the global variables that match, and restricts the constants to those that match: macros and enumerators of unnamed enums.
    ///
    /// A variable is bound only if it is asked for, since each is an export of the module. Without any pattern that matches a constant, all constants
    /// of the library's own headers are bound.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.allow_var("Z_.*");                     // constants: these and no others
    /// library.allow_var("z_errmsg");                 // a variable: `sb.global(zlib::z_errmsg)`
    /// ```
    pub fn allow_var(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.vars.allow.push(pattern.into());
        self
    }

    /// Leaves constants out.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.block_var("ZLIB_INTERNAL_.*");
    /// ```
    pub fn block_var(&mut self, pattern: impl Into<String>) -> &mut Self {
        self.vars.block.push(pattern.into());
        self
    }

    /// Allows an import that nothing provides, as `module.name`. A call to it is denied at run time.
    ///
    /// What wasi-libc itself imports (`wasi_snapshot_preview1`) needs no mention: it is denied by default.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("bzip2");
    /// library.allow_import("env.bz_internal_error");
    /// ```
    pub fn allow_import(&mut self, name: impl Into<String>) -> &mut Self {
        self.allow_imports.push(name.into());
        self
    }

    /// Keeps the module to these imports, as `module.name`: one that is not named here fails the build. Those of [`Library::allow_import`] count as named.
    ///
    /// A module can do nothing but compute in its own memory and call its imports. So this is a complete list of its powers, in which
    /// a new version of the library, or of the toolchain, cannot add one unnoticed. What wasi-libc imports has to be named too. A name
    /// that is not imported is a warning. `cargo sandbox inspect` shows the imports of a module, and the line to write here.
    ///
    /// It can be called more than once; then the lists add up.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.only_imports([]);                                                                    // nothing at all
    /// library.only_imports(["wasi_snapshot_preview1.fd_write", "wasi_snapshot_preview1.proc_exit"]);
    /// ```
    pub fn only_imports<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.only_imports.get_or_insert_default().extend(names.into_iter().map(str::to_owned));
        self
    }

    /// Says whether nothing is to be compiled.
    pub(crate) fn has_no_sources(&self) -> bool {
        self.shims.is_empty() && self.parts.iter().chain([&self.main]).all(|part| part.sources.is_empty())
    }

    /// Returns every import that the build script names.
    pub(crate) fn named_imports(&self) -> Vec<String> {
        self.allow_imports.iter().chain(self.only_imports.iter().flatten()).cloned().collect()
    }

    /// Compiles with Wasm SIMD, or not. On by default; [`tuned`](Self::tuned) functions need it.
    ///
    /// Code that asks for SIMD (`wasm_simd128.h`, vector types) gets it. The compiler makes SIMD
    /// code of ordinary loops only where the target has SSSE3, or is not x86-64: without SSSE3 each
    /// shuffle is a call of the runtime. `RUSTFLAGS=-Ctarget-cpu=x86-64-v2` has it;
    /// `.flag("-fvectorize")` asks for it all the same.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.simd(false);
    /// ```
    pub fn simd(&mut self, on: bool) -> &mut Self {
        self.simd = on;
        self
    }

    /// Supports `setjmp` and `longjmp`, or not. On by default; it costs nothing where they are not used.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.setjmp(false);
    /// ```
    pub fn setjmp(&mut self, on: bool) -> &mut Self {
        self.setjmp = on;
        self
    }

    /// Limits the linear memory of the module, in bytes; rounded up to a Wasm page of 64 KiB.
    ///
    /// This is the module's own maximum; the application can set a lower limit for each sandbox.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.memory_limit(64 << 20);
    /// ```
    pub fn memory_limit(&mut self, bytes: u64) -> &mut Self {
        self.memory_limit = Some(bytes);
        self
    }

    /// Sets the size of the C stack in linear memory, in bytes. 1 MiB by default.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.stack_size(256 << 10);
    /// ```
    pub fn stack_size(&mut self, bytes: u64) -> &mut Self {
        self.stack_size = bytes;
        self
    }

    /// Sets how many bytes of heap a sandbox begins with, rounded up to a Wasm page of 64 KiB. 1 MiB by default; none if the module has a
    /// [`memory_limit`](Self::memory_limit), unless it is asked for.
    ///
    /// Pages that are not touched take no memory, but the application's limit on memory counts them. What the library allocates beyond the initial heap makes memory grow, which costs two calls of the system: one
    /// there and one at the next reset, some microseconds together.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("sqlite");
    /// library.initial_heap(4 << 20);
    /// ```
    pub fn initial_heap(&mut self, bytes: u64) -> &mut Self {
        self.initial_heap = Some(bytes);
        self
    }

    /// Lets LLVM reduce the strength of loops, or not. Off by default: code is 7 % faster without it (`docs/guest-code.md`).
    ///
    /// LLVM then makes a loop step pointers instead of an index, and reach what lies before them with negative offsets. On real machines that saves arithmetic. An access of
    /// Wasm has no negative offset, so that it costs an addition each.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("sqlite");
    /// library.strength_reduction(true);
    /// ```
    pub fn strength_reduction(&mut self, on: bool) -> &mut Self {
        self.strength_reduction = on;
        self
    }

    /// Repeats the bodies of small loops two to four times, or leaves loops as they are. On by default.
    ///
    /// A check by which the code can be stopped stands at the begin of each loop, and is a large part of a small one; code without checks is left alone. What C does is the same, the machine code a
    /// seventh larger, and the table of lines knows each copy. Loops that call functions, and those of more than 160 bytes, are left as they are. With [`fuel`](Self::fuel), a loop can count
    /// an operator or two more than it did.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("sqlite");
    /// library.unroll_loops(false);
    /// ```
    pub fn unroll_loops(&mut self, on: bool) -> &mut Self {
        self.unroll_loops = on;
        self
    }

    /// Leaves out the checks by which the host can interrupt the code, or puts them back in. They are in by default.
    ///
    /// They are what `deadline` and `cancel_handle` of a sandbox need, and cost up to 14 % of the guest's time with zlib and libpng (`docs/guest-code.md`). Without them a guest that loops for ever keeps its thread, and
    /// asking for a deadline is an error.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.interruptible(false);
    /// ```
    pub fn interruptible(&mut self, yes: bool) -> &mut Self {
        self.metering.interrupts = yes;
        self
    }

    /// Makes the code count what it executes, for a budget that is the same on each machine (`fuel` of the sandbox's limits). It does not by default.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.fuel(true);
    /// ```
    pub fn fuel(&mut self, yes: bool) -> &mut Self {
        self.metering.fuel = yes;
        self
    }

    /// Lets errors name the C file and line of each function on the guest's stack, or not.
    ///
    /// By default they do where cargo's profile has debug information, as `dev` has and `release` has not. The table that this takes is embedded in the application, beside
    /// the module: it changes nothing in the code that runs. It names files relative to the source folder, never with a path of the machine that builds.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.line_numbers(true); // in every profile
    /// ```
    pub fn line_numbers(&mut self, on: bool) -> &mut Self {
        self.line_numbers = Some(on);
        self
    }

    /// Calls a C function `void f(void)` while the library is built, and makes the state after it the one that each sandbox begins with, and is reset to.
    ///
    /// For what a library computes at its start and no input changes: tables, a dictionary, a compiled grammar. The state is part of the module's initial memory, which
    /// the system maps and does not copy, so beginning with it costs nothing. The function may be a shim's, and need not be bound. Static constructors run before it, at build time too. Neither may call the host: there is none
    /// yet. Where the set-up needs one, take a snapshot at run time instead (`Sandbox::snapshot`).
    ///
    /// Needs the feature `pre-initialize` of this crate.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("crc");
    /// library.file("crc.c").pre_initialize("make_crc_table");
    /// ```
    pub fn pre_initialize(&mut self, function: impl Into<String>) -> &mut Self {
        self.pre_initialize = Some(function.into());
        self
    }

    /// Uses this toolchain instead of searching for one.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), build_support::ToolchainError> {
    /// # let mut library = build_support::Library::new("zlib");
    /// library.toolchain(build_support::Toolchain::at("/opt/wasi-sdk")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn toolchain(&mut self, toolchain: Toolchain) -> &mut Self {
        self.toolchain = Some(toolchain);
        self
    }

    /// Sets the folder for outputs. Cargo's `OUT_DIR` by default, which `include_library!` relies on.
    ///
    /// After this the bindings contain `unsafe`, even if the folder is inside of `OUT_DIR`: a crate
    /// that forbids `unsafe` code (`#![forbid(unsafe_code)]`) cannot include them.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.out_dir("/tmp/zlib");
    /// ```
    pub fn out_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.out_dir = Some(folder.as_ref().to_owned());
        self
    }

    /// Sets the target that the module is precompiled for. Cargo's `TARGET` by default.
    ///
    /// For cargo's, the guest's machine code may use what the application's may use of the processor: with `RUSTFLAGS=-Ctarget-cpu=x86-64-v3` also AVX2 and BMI2, without such flags
    /// what each processor of the architecture has. For another target it is always the latter.
    ///
    /// ```no_run
    /// # let mut library = build_support::Library::new("zlib");
    /// library.target("aarch64-unknown-linux-gnu");
    /// ```
    pub fn target(&mut self, triple: impl Into<String>) -> &mut Self {
        self.target = Some(triple.into());
        self
    }

    /// Builds the library; prints the error and exits if that fails.
    ///
    /// ```no_run
    /// build_support::Library::new("crc")
    ///     .file("crc.c")
    ///     .header("crc.h")
    ///     .allow_function("crc")
    ///     .compile();
    /// ```
    #[cfg(feature = "engine")]
    pub fn compile(&self) {
        if let Err(error) = self.try_compile() {
            fail(&error);
        }
    }

    /// Builds the library.
    ///
    /// # Errors
    ///
    /// [`Error`] says what failed, on what, and what to do. Outputs of an earlier build are then gone or unchanged, never
    /// half-written.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), build_support::Error> {
    /// let output = build_support::Library::new("crc")
    ///     .file("crc.c")
    ///     .header("crc.h")
    ///     .allow_function("crc")
    ///     .try_compile()?;
    /// println!("{}", output.wasm().display());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "engine")]
    pub fn try_compile(&self) -> Result<Output, Error> {
        crate::pipeline::run(self)
    }

    /// Says what a build would bind, and what not and why.
    ///
    /// Unlike a build, it goes on where an allowed item cannot be bound. Ask it first about a
    /// library that is new to you, with `.*` for every pattern. Headers are enough. With sources it
    /// also says what they declare and never define; what was compiled for that is kept for the
    /// build.
    ///
    /// # Errors
    ///
    /// [`Error`], where the headers cannot be read, or a pattern is wrong.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn main() -> Result<(), build_support::Error> {
    /// let zlib = build_support::crate_source("libz-sys").join("src/zlib");
    /// let survey = build_support::Library::new("zlib")
    ///     .source_dir(zlib)
    ///     .header("zlib.h")
    ///     .allow_function(".*")
    ///     .survey()?;
    /// println!("{survey}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn survey(&self) -> Result<Survey, Error> {
        survey::run(self)
    }
}

/// Names what a build wrote, and what it depends on.
#[derive(Debug, Clone)]
pub struct Output {
    pub(crate) folder: PathBuf,
    pub(crate) inputs: Vec<PathBuf>,
}

impl Output {
    /// Returns the linked module, `lib.wasm`.
    #[must_use]
    pub fn wasm(&self) -> PathBuf {
        self.folder.join("lib.wasm")
    }

    /// Returns the precompiled module, `lib.cwasm`.
    #[must_use]
    pub fn precompiled(&self) -> PathBuf {
        self.folder.join("lib.cwasm")
    }

    /// Returns the module with its debug information, `lib.debug.wasm`, for a debugger or `llvm-symbolizer`. Its code is what was linked, and so that of `lib.wasm` where
    /// no loops were unrolled ([`Library::unroll_loops`]).
    #[must_use]
    pub fn debug_wasm(&self) -> PathBuf {
        self.folder.join("lib.debug.wasm")
    }

    /// Returns the table of line numbers, `lib.lines`. The bindings embed it only if [`Library::line_numbers`] says so.
    #[must_use]
    pub fn lines(&self) -> PathBuf {
        self.folder.join("lib.lines")
    }

    /// Returns the input of `sandbox::library!`, `bindings.rs`.
    #[must_use]
    pub fn bindings(&self) -> PathBuf {
        self.folder.join("bindings.rs")
    }

    /// Returns the files and folders that make cargo run the build script again when they change.
    #[must_use]
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }
}

/// Ends a build script with an error, as `compile` does.
pub(crate) fn fail(error: &Error) -> ! {
    // Cargo shows a failed build script's standard error as it is.
    eprintln!("\nerror: {error}\n");
    std::process::exit(1);
}
