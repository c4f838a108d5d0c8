//! The toolchain of the machine that runs the tests (`cargo xtask setup` makes sure that there is one).

use std::fs;
use std::process::Command;

use sandbox_toolchain::{Language, Toolchain, exec, probe, setjmp};

#[test]
fn everything_that_the_project_needs_works() {
    let toolchain = Toolchain::find().unwrap();
    let probed = probe(&toolchain).unwrap();
    assert!(probed.usable() && probed.setjmp.works() && probed.cxx.works(), "{}", probed.report(&toolchain));
    assert!(toolchain.has_setjmp() && toolchain.has_cxx());
}

#[test]
fn a_header_that_the_guest_lacks_is_not_taken_from_the_host() {
    let toolchain = Toolchain::find().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("leak.c");
    // Every Linux host has it, and no guest.
    fs::write(&source, "#include <sys/epoll.h>\n").unwrap();
    let error = exec::run(Command::new(toolchain.clang()).args(toolchain.compile_flags(Language::C)).args(["-fsyntax-only"]).arg(&source))
        .unwrap_err();
    assert!(error.to_string().contains("'sys/epoll.h' file not found"), "{error}");
}

#[test]
fn the_headers_of_setjmp_compile_in_both_languages_with_all_the_usual_names() {
    let toolchain = Toolchain::find().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let support = setjmp::install(&toolchain, folder.path()).unwrap();
    let text = "#include <setjmp.h>\n#include <setjmp.h>\n#ifndef setjmp\n#error\n#endif\n\
        jmp_buf a; sigjmp_buf b;\n\
        typedef char large_enough[sizeof(jmp_buf) >= 6 * sizeof(void *) ? 1 : -1];\n\
        int f(void) { return setjmp(a) + _setjmp(a) + sigsetjmp(b, 1); }\n\
        void g(int x) { if (x > 1) longjmp(a, x); else if (x) _longjmp(a, x); else siglongjmp(b, x); }\n";
    for (name, language) in [("t.c", Language::C), ("t.cpp", Language::Cxx)] {
        let source = folder.path().join(name);
        fs::write(&source, text).unwrap();
        let compiler = if language == Language::C { toolchain.clang() } else { toolchain.clangxx() };
        let mut command = Command::new(compiler);
        command.args(toolchain.compile_flags(language)).args(&support.compile_flags);
        command.args(support.include_dirs.iter().flat_map(|folder| ["-I".into(), folder.clone().into_os_string()]));
        command.args(["-Wall", "-Wextra", "-Werror", "-c", "-O2", "-o"]).arg(folder.path().join("t.o")).arg(&source);
        exec::run(&mut command).unwrap();
    }
}

#[test]
fn installing_setjmp_twice_touches_nothing() {
    let toolchain = Toolchain::find().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = setjmp::install(&toolchain, folder.path()).unwrap();
    let times = |support: &setjmp::SetjmpSupport| -> Vec<_> {
        support.sources.iter().map(|file| fs::metadata(file).unwrap().modified().unwrap()).collect()
    };
    let before = times(&first);
    let second = setjmp::install(&toolchain, folder.path()).unwrap();
    assert_eq!(first, second);
    assert_eq!(before, times(&second));
}
