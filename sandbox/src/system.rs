//! Why the system does not let a library run: what it refuses, and what to do about that.

use crate::backtrace;
use crate::error::Error;

/// What the engine says where code cannot be made executable. (`tests/tests/it/system.rs` notices another wording.)
const EXECUTABLE: &str = "make memory executable";

/// What the system says where there is no address space, or no mapping, for more. (`ENOMEM`, by its
/// number: its words depend on the system's language.)
const NO_MEMORY: &str = "(os error 12)";

/// Tells whether the system is the reason of an error, and not the code.
pub(crate) fn refuses(error: &wasmtime::Error) -> bool {
    reason(&format!("{error:#}")).is_some()
}

/// Returns the error of a library that cannot be loaded, or not be instantiated; `otherwise` says what it is if
/// the system is not the reason.
pub(crate) fn refused(library: &'static str, error: &wasmtime::Error, otherwise: impl FnOnce(String) -> Error) -> Error {
    /// As much of the engine's words, in letters; a plugin may have names of its own among them.
    const WORDS: usize = 300;
    let text = format!("{error:#}");
    match reason(&text) {
        Some(reason) => Error::System { library, reason: format!("{reason} ({})", backtrace::printable(&text, WORDS)).into() },
        None => otherwise(text),
    }
}

fn reason(error: &str) -> Option<String> {
    if error.contains(EXECUTABLE) {
        Some(
            "the system gives the process no executable memory, which machine code needs; load the library, by `SandboxModule::get`, \
             before the process gives that up (`prctl(PR_SET_MDWE)`, a seccomp filter), or lift the rule that forbids it \
             (systemd's `MemoryDenyWriteExecute`, SELinux's `execmem`)"
                .to_owned(),
        )
    } else if cfg!(target_os = "linux") && error.contains(NO_MEMORY) {
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
    fn an_error_of_the_code_is_not_the_systems() {
        assert_eq!(reason("Module was compiled with incompatible version '1.0'"), None);
        assert!(reason("unable to make memory executable: Permission denied (os error 13)").is_some_and(|text| text.contains("MDWE")));
    }
}
