//! What a compiler's complaint is known to mean.

use std::path::Path;

/// Types that headers use without including what declares them, and what does.
const DECLARED_IN: [(&str, &[&str]); 8] = [
    ("stdio.h", &["FILE", "fpos_t"]),
    ("stddef.h", &["size_t", "ptrdiff_t", "wchar_t", "max_align_t"]),
    (
        "stdint.h",
        &[
            "int8_t",
            "int16_t",
            "int32_t",
            "int64_t",
            "uint8_t",
            "uint16_t",
            "uint32_t",
            "uint64_t",
            "intptr_t",
            "uintptr_t",
            "intmax_t",
            "uintmax_t",
        ],
    ),
    ("stdbool.h", &["bool"]),
    ("stdarg.h", &["va_list"]),
    ("time.h", &["time_t", "clock_t"]),
    ("sys/types.h", &["ssize_t", "off_t", "mode_t", "u_char", "u_int", "u_long"]),
    ("wchar.h", &["wint_t", "mbstate_t"]),
];

/// Says which headers a header wants in front of it, if that is all that the compiler complains of.
pub(crate) fn header_in_front(output: &str) -> Option<String> {
    let errors = output.lines().filter(|line| line.contains(": error: ") || line.contains(": fatal error: "));
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    for error in errors.filter(|error| !error.contains("too many errors emitted")) {
        let name = error.split_once("unknown type name '")?.1.split('\'').next()?;
        let (header, _) = DECLARED_IN.iter().find(|(_, names)| names.contains(&name))?;
        if !wanted.iter().any(|(known, _)| known == header) {
            wanted.push((header, name));
        }
    }
    let names: Vec<String> = wanted.iter().map(|(header, name)| format!("`{name}` of <{header}>")).collect();
    let lines: String = wanted.iter().map(|(header, _)| format!(".header(\"{header}\")")).collect();
    (!wanted.is_empty()).then(|| {
        format!("the header uses {} and does not include it; name it in front in build.rs: {lines}.header(…)", names.join(" and "))
    })
}

/// Parts of libc++ that are not there without threads.
const THREADS: [&str; 16] = [
    "mutex",
    "timed_mutex",
    "recursive_mutex",
    "recursive_timed_mutex",
    "shared_mutex",
    "shared_timed_mutex",
    "lock_guard",
    "unique_lock",
    "scoped_lock",
    "shared_lock",
    "thread",
    "this_thread",
    "condition_variable",
    "condition_variable_any",
    "async",
    "call_once",
];

/// Says that there are no threads, if that is what a C++ file misses, and names macros of the
/// library that look as if they turned them off.
pub(crate) fn no_threads(source: &Path, output: &str) -> Option<String> {
    let about_threads = |error: &str| {
        error.contains("configured without support for threads")
            || error.contains("in namespace 'std'") && THREADS.iter().any(|name| error.contains(&format!("named '{name}'")))
    };
    let errors: Vec<&str> = output.lines().filter(|line| line.contains(" error: ") && about_threads(line)).collect();
    if errors.is_empty() {
        return None;
    }
    let complained = errors.iter().filter_map(|error| error.split(':').next()).map(Path::new);
    let mut macros = Vec::new();
    for file in std::iter::once(source).chain(complained) {
        for name in thread_macros(&std::fs::read_to_string(file).unwrap_or_default()) {
            if !macros.contains(&name) && macros.len() < MACROS {
                macros.push(name);
            }
        }
    }
    let found =
        if macros.is_empty() { String::new() } else { format!("; conditions of the file that may be about it: `{}`", macros.join("`, `")) };
    Some(format!(
        "the guest has no threads, and its libc++ neither `std::thread` nor mutexes; most libraries have a define that turns them off, for \
         .define(\"…\", None){found}"
    ))
}

/// As many macros are named.
const MACROS: usize = 6;

/// Returns the names in the file's conditions that have to do with threads.
fn thread_macros(text: &str) -> Vec<String> {
    let conditions = text.lines().filter_map(|line| line.trim_start().strip_prefix('#')).map(str::trim_start);
    let conditions = conditions.filter(|line| ["if", "elif"].iter().any(|word| line.starts_with(word)));
    let names = conditions.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    let about_threads = |name: &&str| {
        let upper = name.to_ascii_uppercase();
        ["THREAD", "MUTEX"].iter().any(|word| upper.contains(word)) && !name.starts_with("__")
    };
    names.filter(about_threads).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_named_only_if_nothing_else_is_wrong() {
        let file = "x.h:1:8: error: unknown type name 'FILE'\n    1 | int f(FILE *file);\n";
        let hint = header_in_front(file).unwrap();
        assert!(hint.contains("`FILE` of <stdio.h>") && hint.contains(".header(\"stdio.h\").header("), "{hint}");
        let two = format!("{file}x.h:2:8: error: unknown type name 'uint8_t'\nx.h:3:1: error: unknown type name 'fpos_t'\n");
        let hint = header_in_front(&two).unwrap();
        assert!(hint.contains(".header(\"stdio.h\").header(\"stdint.h\").header("), "{hint}");
        for other in [
            "x.h:3:1: error: unknown type name 'class'\n",
            "x.h:3:1: error: expected ';'\n",
            "x.h:1:10: fatal error: 'y.h' file not found\n",
        ] {
            assert_eq!(header_in_front(&format!("{file}{other}")), None, "{other}");
        }
        assert_eq!(header_in_front("x.h:1:1: warning: unknown type name 'FILE'"), None);
        assert_eq!(header_in_front(""), None);
    }

    #[test]
    fn macros_of_conditions_about_threads_are_found() {
        let text = "#ifndef LIB_NO_THREADS\n  #  if defined(USE_MUTEX) && __STDCPP_THREADS__\nint THREADS;\n#define X_THREAD 1\n#elif Lib_Threads\n";
        assert_eq!(thread_macros(text), ["LIB_NO_THREADS", "USE_MUTEX", "Lib_Threads"]);
    }
}
