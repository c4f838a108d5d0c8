//! What makes cargo run the build script again.

use crate::Project;

#[test]
fn sources_and_all_their_headers_are_watched_and_the_toolchains_own_are_not() {
    let project = Project::new(&[
        ("x.h", "#include <stddef.h>\n#include \"y.h\"\nint f(void);\n"),
        ("y.h", "typedef int y;\n"),
        ("private.h", "#define ONE 1\n"),
        ("x.c", "#include <stdlib.h>\n#include \"x.h\"\n#include \"private.h\"\nint f(void) { return ONE; }\n"),
        ("unrelated.h", ""),
        ("shim.c", "int shim;\n"),
    ]);
    let output = project.library("x").file("x.c").shim(project.path("shim.c")).header("x.h").allow_function("f").try_compile().unwrap();
    let mut inputs: Vec<_> = output.inputs().to_vec();
    inputs.retain(|path| path.starts_with(project.path("")));
    assert_eq!(inputs, ["private.h", "shim.c", "x.c", "x.h", "y.h"].map(|name| project.path(name)));
    // Besides these, the compiler itself.
    assert_eq!(output.inputs().len(), inputs.len() + 1, "{:?}", output.inputs());
}

#[test]
fn the_folder_of_a_pattern_is_watched() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "int f(void) { return 1; }\n")]);
    let output = project.library("x").glob("*.c").header("x.h").allow_function("f").try_compile().unwrap();
    assert!(output.inputs().iter().any(|path| path.canonicalize().unwrap() == project.path("").canonicalize().unwrap()));
}
