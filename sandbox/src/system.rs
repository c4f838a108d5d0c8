//! Why the system does not let a library run: what it refuses, and what to do about that.

use crate::backtrace;
use crate::error::Error;

/// What the engine says where code cannot be made executable. (`tests/tests/it/system.rs` notices
/// other words.)
const NOT_EXECUTABLE: [&str; 2] = ["unable to make memory executable", "failed to make memory executable"];

/// The number of the system's error where there is no address space, or no mapping, for more.
const ENOMEM: i32 = 12;

/// What is in front of the system's words where there is no memory for a guest.
pub(crate) const NO_MEMORY: &str = "no memory for a guest: ";

/// Tells whether the system is the reason of an error, and not the code.
pub(crate) fn refuses(error: &wasmtime::Error) -> bool {
    reason(error).is_some()
}

/// Returns the error of a library that cannot be loaded, or not be instantiated; `otherwise` says
/// what it is if the system is not the reason.
pub(crate) fn refused(library: &'static str, error: &wasmtime::Error, otherwise: impl FnOnce(String) -> Error) -> Error {
    /// As much of the engine's words, in letters; a plugin may have names of its own among them.
    const WORDS: usize = 300;
    let text = format!("{error:#}");
    match reason(error) {
        Some(reason) => Error::System { library, reason: format!("{reason} ({})", backtrace::printable(&text, WORDS)).into() },
        None => otherwise(text),
    }
}

/// Finds a cause that is the system's. Each is compared as a whole: other causes have names in them
/// that the maker of a plugin has chosen.
fn reason(error: &wasmtime::Error) -> Option<String> {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    let no_memory = || {
        let words = std::io::Error::from_raw_os_error(ENOMEM).to_string();
        causes.iter().any(|cause| cause.strip_prefix(NO_MEMORY).unwrap_or(cause) == words)
    };
    if causes.iter().any(|cause| NOT_EXECUTABLE.contains(&cause.as_str())) {
        Some(
            "the system gives the process no executable memory, which machine code needs; load the library, by `SandboxModule::get`, \
             before the process gives that up (`prctl(PR_SET_MDWE)`, a seccomp filter), or lift the rule that forbids it \
             (systemd's `MemoryDenyWriteExecute`, SELinux's `execmem`)"
                .to_owned(),
        )
    } else if cfg!(target_os = "linux") && no_memory() {
        let limit = address_space();
        let cause = match &limit {
            Some(bytes) => format!("the process may have {bytes} bytes of them (`ulimit -v`, `RLIMIT_AS`): raise that, or lift it"),
            None => "it has too many mappings (`vm.max_map_count`), or the machine too little memory for what it has promised \
                     (`vm.overcommit_memory`)"
                .to_owned(),
        };
        Some(format!(
            "the system gives the process no more addresses, of which each sandbox reserves 4 GiB and more without using memory for it; \
             {cause}"
        ))
    } else {
        None
    }
}

/// Returns how many bytes of addresses the process may have, if the system has a limit.
fn address_space() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_code_is_not_the_systems_whatever_names_are_in_it() {
        let no_memory = std::io::Error::from_raw_os_error(ENOMEM).to_string();
        for text in ["incompatible version '1.0'", "duplicate export name `(os error 12)`", "no `unable to make memory executable`"] {
            assert_eq!(reason(&wasmtime::Error::msg(text)), None, "{text}");
        }
        let named = wasmtime::Error::msg(format!("unknown import: `{no_memory}`")).context("of a module");
        assert_eq!(reason(&named), None);
        let refused = std::io::Error::from_raw_os_error(13);
        let refused = wasmtime::Error::from(refused).context("unable to make memory executable");
        assert!(reason(&refused).is_some_and(|text| text.contains("MDWE")));
        let memory = wasmtime::Error::msg(format!("{NO_MEMORY}{no_memory}"));
        assert_eq!(reason(&memory).is_some(), cfg!(target_os = "linux"));
    }
}
