//! What the compiler is told, recorded by a script that stands before the real one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use build_support::{Library, Toolchain};
use tempfile::TempDir;

use crate::{Project, assert_says};

const FILES: [(&str, &str); 2] = [("x.h", "int f(void);\n"), ("x.c", "#include \"x.h\"\nint f(void) { return 1; }\n")];

/// A folder that looks like a wasi-sdk, made of the real toolchain and a script for clang.
struct Recorder {
    folder: TempDir,
}

impl Recorder {
    /// `version` replaces what `clang --version` says.
    fn new(version: Option<&str>) -> Self {
        let real = Toolchain::find().unwrap();
        let recorder = Self { folder: tempfile::tempdir().unwrap() };
        let at = |path: &str| recorder.folder.path().join(path);
        fs::create_dir(at("bin")).unwrap();
        for (name, program) in [("clang", real.clang()), ("clang++", real.clangxx())] {
            let version = version
                .map_or_else(String::new, |version| format!("case \"$*\" in *--version*) echo 'clang version {version}'; exit 0;; esac\n"));
            let log = at("log");
            let script = format!("#!/bin/sh\n{version}echo \"$@\" >> '{}'\nexec '{}' \"$@\"\n", log.display(), program.display());
            fs::write(at("bin").join(name), script).unwrap();
            fs::set_permissions(at("bin").join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        symlink(real.archiver(), at("bin/llvm-ar")).unwrap();
        let (include, lib) = (include_folder(&real), lib_folder(&real));
        let target = real.target();
        for (name, folder) in [("include", include), ("lib", lib)] {
            fs::create_dir_all(at("share/wasi-sysroot").join(name)).unwrap();
            symlink(folder, at("share/wasi-sysroot").join(name).join(target)).unwrap();
        }
        recorder
    }

    fn toolchain(&self) -> Toolchain {
        Toolchain::at(self.folder.path()).unwrap()
    }

    /// The command lines that hold a text.
    fn lines(&self, text: &str) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        log.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }
}

fn include_folder(real: &Toolchain) -> PathBuf {
    below(real, "include")
}

fn lib_folder(real: &Toolchain) -> PathBuf {
    below(real, "lib")
}

fn below(real: &Toolchain, name: &str) -> PathBuf {
    let folder = real.sysroot().join(name);
    let own = folder.join(real.target());
    if own.is_dir() { own } else { folder }
}

#[test]
fn settings_reach_the_files_they_are_for() {
    let recorder = Recorder::new(None);
    let project = Project::new(&[FILES[0], FILES[1], ("part.c", "int part;\n"), ("shim.c", "int shim;\n")]);
    project
        .library("x")
        .toolchain(recorder.toolchain())
        .file("x.c")
        .define("MAIN", "1")
        .opt_level("s")
        .library(|part| {
            part.file(project.path("part.c")).flag("-fno-strict-aliasing").define("PART", None);
        })
        .shim(project.path("shim.c"))
        .header("x.h")
        .allow_function("f")
        .try_compile()
        .unwrap();
    let one = |file: &str| {
        let lines = recorder.lines(&format!("-c {}", project.path(file).display()));
        assert_eq!(lines.len(), 1, "{file} is compiled once");
        lines.into_iter().next().unwrap()
    };
    let (main, part, shim) = (one("x.c"), one("part.c"), one("shim.c"));
    assert!(main.contains("-DMAIN=1") && main.contains("-Os") && !main.contains("PART"), "{main}");
    assert!(part.contains("-DPART") && part.contains("-O3") && part.contains("-fno-strict-aliasing"), "{part}");
    assert!(!part.contains("MAIN"), "{part}");
    assert!(shim.contains("-DMAIN=1") && shim.contains("-Wall") && !shim.contains(" -w "), "{shim}");
    assert!(main.contains(" -w "), "{main}");
    for line in [&main, &part, &shim] {
        assert!(line.contains("--target=wasm32-was") && line.contains("-msimd128") && line.contains("-wasm-enable-sjlj"), "{line}");
    }
}

#[test]
fn line_numbers_are_compiled_in_unless_the_user_says_otherwise() {
    let recorder = Recorder::new(None);
    let project = Project::new(&[FILES[0], FILES[1], ("part.c", "int part;\n")]);
    project
        .library("x")
        .toolchain(recorder.toolchain())
        .file("x.c")
        .library(|part| {
            part.file(project.path("part.c")).flag("-g");
        })
        .header("x.h")
        .allow_function("f")
        .try_compile()
        .unwrap();
    let line = |file: &str| recorder.lines(&format!("-c {}", project.path(file).display())).remove(0);
    assert!(line("x.c").contains("-gline-tables-only"), "{}", line("x.c"));
    assert!(line("part.c").contains(" -g ") && !line("part.c").contains("-gline-tables-only"), "{}", line("part.c"));
}

#[test]
fn a_standard_is_for_the_files_of_its_language() {
    let recorder = Recorder::new(None);
    let project = Project::new(&[FILES[0], FILES[1], ("y.cc", "static_assert(__cplusplus == 201703L);\n")]);
    project
        .library("x")
        .toolchain(recorder.toolchain())
        .files(["x.c", "y.cc"])
        .flag("-std=c17")
        .flag("-std=c++17")
        .header("x.h")
        .allow_function("f")
        .try_compile()
        .unwrap();
    let line = |file: &str| recorder.lines(&format!("-c {}", project.path(file).display())).remove(0);
    assert!(line("x.c").contains("-std=c17") && !line("x.c").contains("c++17"));
    assert!(line("y.cc").contains("-std=c++17") && !line("y.cc").contains("c17"));
}

#[test]
fn the_link_makes_a_reactor_with_the_allowed_exports() {
    let recorder = Recorder::new(None);
    let project = Project::new(&FILES);
    project
        .library("x")
        .toolchain(recorder.toolchain())
        .file("x.c")
        .header("x.h")
        .allow_function("f")
        .stack_size(1 << 17)
        .memory_limit(100_000_000)
        .try_compile()
        .unwrap();
    let lines = recorder.lines("-mexec-model=reactor");
    assert_eq!(lines.len(), 1);
    for flag in [
        "--no-wasm-opt",
        "-Wl,--stack-first",
        "-Wl,-z,stack-size=131072",
        "-Wl,--max-memory=100007936",
        "-Wl,--export=f",
        "-Wl,--export=malloc",
        "-Wl,--export=__stack_pointer",
        "-Wl,--growable-table",
        "-Wl,--gc-sections",
    ] {
        assert!(lines[0].split(' ').any(|argument| argument == flag), "{flag} is not in {}", lines[0]);
    }
}

/// The command lines of a build with these settings that hold a text.
fn recorded(text: &str, set: impl FnOnce(&mut Library) -> &mut Library) -> Vec<String> {
    let recorder = Recorder::new(None);
    let project = Project::new(&FILES);
    let mut library = project.library("x");
    library.toolchain(recorder.toolchain()).file("x.c").header("x.h").allow_function("f");
    set(&mut library).try_compile().unwrap();
    recorder.lines(text)
}

#[test]
fn the_initial_heap_is_rounded_up_and_left_out_where_memory_is_limited() {
    let link = |set: fn(&mut Library) -> &mut Library| recorded("-mexec-model=reactor", set).remove(0);
    assert!(link(|library| library).contains("-Wl,--initial-heap=1048576"));
    assert!(link(|library| library.initial_heap(65537)).contains("-Wl,--initial-heap=131072"));
    assert!(!link(|library| library.memory_limit(64 << 20)).contains("--initial-heap"));
    assert!(link(|library| library.memory_limit(64 << 20).initial_heap(1 << 16)).contains("-Wl,--initial-heap=65536"));
}

#[test]
fn strength_reduction_is_off_unless_it_is_asked_for() {
    let flag = "-mllvm -disable-lsr";
    assert!(recorded(flag, |library| library).iter().any(|line| line.contains("x.c")));
    assert!(recorded(flag, |library| library.strength_reduction(true)).is_empty());
}

#[test]
fn simd_and_setjmp_can_be_turned_off() {
    let recorder = Recorder::new(None);
    let project = Project::new(&FILES);
    project
        .library("x")
        .toolchain(recorder.toolchain())
        .file("x.c")
        .header("x.h")
        .allow_function("f")
        .simd(false)
        .setjmp(false)
        .try_compile()
        .unwrap();
    assert!(recorder.lines("-msimd128").is_empty());
    assert!(recorder.lines("sjlj").is_empty());
}

#[test]
fn a_toolchain_without_setjmp() {
    let recorder = Recorder::new(Some("19.1.0"));
    let project = Project::new(&FILES);
    let error = project.error(project.library("x").toolchain(recorder.toolchain()).file("x.c").header("x.h").allow_function("f"));
    assert_says(&error, &["has no setjmp", ".setjmp(false)", "cargo sandbox setup"]);
}

/// What a C++ library with exceptions has and Debian's has not, as far as a linker looks: it throws, and catches nothing.
const UNWINDER: &str = r#"
extern "C" {
unsigned __wasm_lpad_context[3];
int _Unwind_CallPersonality(void *) { return 0; }
void *__cxa_allocate_exception(unsigned long) { return __wasm_lpad_context; }
void __cxa_free_exception(void *) {}
void __cxa_throw(void *thrown, void *, void *(*)(void *)) { __builtin_wasm_throw(0, thrown); }
void *__cxa_begin_catch(void *thrown) { return thrown; }
void __cxa_end_catch() {}
}
"#;

/// LLVM 21 and later expect the tag of C++ exceptions in a library; earlier releases define it weakly in each object.
const TAG: &str = ".globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n";

#[test]
fn a_toolchain_with_exceptions_compiles_and_links_with_them() {
    let recorder = Recorder::new(None);
    let real = Toolchain::find().unwrap();
    let at = |path: &str| recorder.folder.path().join(path);
    // A folder of its own for the libraries, so that one can be added.
    let lib = at("share/wasi-sysroot/lib").join(real.target());
    fs::remove_file(&lib).unwrap();
    fs::create_dir(&lib).unwrap();
    for entry in fs::read_dir(lib_folder(&real)).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "libunwind.a" {
            symlink(entry.path(), lib.join(entry.file_name())).unwrap();
        }
    }
    let mut objects = Vec::new();
    for (name, text) in [("unwinder.cpp", UNWINDER), ("tag.s", TAG)] {
        fs::write(at(name), text).unwrap();
        let object = at(name).with_extension("o");
        let mut command = Command::new(real.clangxx());
        command.args([&format!("--target={}", real.target()), "-Wno-deprecated", "-c", "-o"]).arg(&object).arg(at(name));
        if name.ends_with("cpp") {
            command.args(["-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=false"]);
        }
        assert!(command.status().unwrap().success());
        objects.push(object);
    }
    let archived = Command::new(real.archiver()).arg("rcs").arg(lib.join("libunwind.a")).args(&objects).status();
    assert!(archived.unwrap().success());

    let source = "extern \"C\" int f() { try { throw 1; } catch (int) { return 1; } }\n";
    let project = Project::new(&[FILES[0], ("x.cpp", source), ("y.c", "int y;\n")]);
    let mut library = project.library("x");
    let output = library.toolchain(recorder.toolchain()).files(["x.cpp", "y.c"]).header("x.h").allow_function("f").try_compile().unwrap();
    let line = |file: &str| recorder.lines(&format!("-c {}", project.path(file).display())).remove(0);
    assert!(line("x.cpp").contains("-fwasm-exceptions") && !line("x.cpp").contains("-fno-exceptions"));
    assert!(!line("y.c").contains("-fwasm-exceptions"));
    let module = fs::read(output.wasm()).unwrap();
    let exports = wasmparser::Parser::new(0).parse_all(&module).find_map(|payload| match payload.unwrap() {
        wasmparser::Payload::ExportSection(exports) => Some(exports),
        _ => None,
    });
    let tag = exports.unwrap().into_iter().map(Result::unwrap).find(|export| export.name == "__cpp_exception").unwrap();
    assert_eq!(tag.kind, wasmparser::ExternalKind::Tag, "the runtime knows a C++ exception by it");
}
