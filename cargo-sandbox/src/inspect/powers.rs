//! What an import lets a module do, in plain words.

use serde::Serialize;

use super::Kind;
use super::names;

/// What the runtime does when a module calls an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Access {
    /// It is denied with an error number, unless the host grants it by name.
    DeniedUnlessGranted,
    /// It is denied with an error number, or answered with nothing.
    Denied,
    /// The call into the library ends with an error.
    EndsTheCall,
    /// The module is not even loaded: it imports something else than a function.
    NotLoaded,
}

impl Access {
    fn words(self) -> &'static str {
        match self {
            Self::DeniedUnlessGranted => "denied unless the host grants it",
            Self::Denied => "denied",
            Self::EndsTheCall => "denied, ends the call",
            Self::NotLoaded => "refused, the module is not loaded",
        }
    }
}

/// The functions of WASI: a name, and what a caller wants with it.
const WASI: [(&str, &str, Access); 46] = {
    use Access::{Denied, DeniedUnlessGranted as Granted, EndsTheCall};
    [
        ("args_get", "reads the arguments of the program, of which there are none", Denied),
        ("args_sizes_get", "asks how many arguments the program has, which are none", Denied),
        ("clock_res_get", "asks how exact a clock is", Granted),
        ("clock_time_get", "reads a clock", Granted),
        ("environ_get", "reads environment variables", Granted),
        ("environ_sizes_get", "asks how many environment variables there are", Granted),
        ("fd_advise", "says how it will read an open file", Granted),
        ("fd_allocate", "makes room in an open file", Granted),
        ("fd_close", "closes an open file", Granted),
        ("fd_datasync", "makes sure that written data is on the disk", Granted),
        ("fd_fdstat_get", "asks what an open file is and allows", Granted),
        ("fd_fdstat_set_flags", "changes how an open file is written to", Granted),
        ("fd_fdstat_set_rights", "gives up rights on an open file", Granted),
        ("fd_filestat_get", "asks for the size and times of an open file", Granted),
        ("fd_filestat_set_size", "cuts or extends an open file", Granted),
        ("fd_filestat_set_times", "changes the times of an open file", Granted),
        ("fd_pread", "reads at a place of an open file", Granted),
        ("fd_prestat_dir_name", "asks for the name of a folder that the host opened", Granted),
        ("fd_prestat_get", "asks which folders the host opened", Granted),
        ("fd_pwrite", "writes at a place of an open file", Granted),
        ("fd_read", "reads from stdin or an open file", Granted),
        ("fd_readdir", "lists an open folder", Granted),
        ("fd_renumber", "gives an open file another number", Granted),
        ("fd_seek", "moves to another place of an open file", Granted),
        ("fd_sync", "makes sure that an open file is on the disk", Granted),
        ("fd_tell", "asks for the place in an open file", Granted),
        ("fd_write", "writes to stdout, stderr or an open file", Granted),
        ("path_create_directory", "makes a folder", Granted),
        ("path_filestat_get", "asks for the size and times of a file by its path", Granted),
        ("path_filestat_set_times", "changes the times of a file by its path", Granted),
        ("path_link", "gives a file a second path", Granted),
        ("path_open", "opens or creates a file by its path", Granted),
        ("path_readlink", "reads a symbolic link", Granted),
        ("path_remove_directory", "removes a folder", Granted),
        ("path_rename", "renames a file", Granted),
        ("path_symlink", "makes a symbolic link", Granted),
        ("path_unlink_file", "removes a file", Granted),
        ("poll_oneoff", "waits for a time or for input", Denied),
        ("proc_exit", "ends the program (exit, abort)", EndsTheCall),
        ("proc_raise", "sends itself a signal", Denied),
        ("random_get", "takes random bytes", Granted),
        ("sched_yield", "lets other threads run", Denied),
        ("sock_accept", "accepts a network connection", Denied),
        ("sock_recv", "receives from the network", Denied),
        ("sock_send", "sends over the network", Denied),
        ("sock_shutdown", "closes a network connection", Denied),
    ]
};

/// Functions of C whose names say what a library wants, and that no libc for WebAssembly has.
const ENV: [(&[&str], &str); 9] = [
    (&["system", "popen", "execl", "execlp", "execv", "execve", "execvp", "posix_spawn", "posix_spawnp"], "runs another program"),
    (&["fork", "vfork", "pthread_create", "thrd_create"], "starts another process or thread"),
    (&["dlopen", "dlsym"], "loads code"),
    (&["socket", "connect", "bind", "listen", "accept", "send", "sendto", "recv", "recvfrom"], "uses the network"),
    (&["getaddrinfo", "gethostbyname", "getnameinfo"], "asks for the address of a host in the network"),
    (&["mmap", "munmap", "mprotect", "shm_open"], "maps memory or files"),
    (&["signal", "sigaction", "raise", "kill"], "sends or catches signals"),
    (&["tmpfile", "tmpnam", "mkstemp", "mkdtemp"], "makes a temporary file"),
    (&["__cxa_throw", "__cxa_allocate_exception", "_Unwind_RaiseException"], "throws a C++ exception"),
];

/// Explains an import.
pub(super) fn explain(module: &str, name: &str, kind: Kind) -> (Access, String) {
    let (access, what) = match (module, kind) {
        (_, Kind::Memory) => (Access::NotLoaded, "memory that others can see".to_owned()),
        (_, Kind::Table | Kind::Global | Kind::Tag) => (Access::NotLoaded, "something of others that is no function".to_owned()),
        ("wasi_snapshot_preview1", Kind::Function) => match WASI.iter().find(|known| known.0 == name) {
            Some((_, what, access)) => (*access, (*what).to_owned()),
            None => (Access::Denied, "a function of WASI that this program does not know".to_owned()),
        },
        ("sandbox", Kind::Function) if name == "assert_fail" => {
            // Nothing is denied here: this is how a failed assertion is reported.
            return (Access::EndsTheCall, "reports an `assert` that failed; ends the call".to_owned());
        }
        ("env", Kind::Function) => match ENV.iter().find(|(names, _)| names.contains(&name)) {
            Some((_, what)) => (Access::EndsTheCall, (*what).to_owned()),
            None => (
                Access::EndsTheCall,
                names::demangled(name).map_or_else(
                    || "a function that nothing defines".to_owned(),
                    |name| format!("the C++ function `{}`, which nothing defines", names::printable(&name)),
                ),
            ),
        },
        (_, Kind::Function) => (Access::EndsTheCall, "a function of a host that this is not".to_owned()),
    };
    (access, format!("{what}; {}", access.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_wasi_says_whether_the_host_can_grant_it() {
        let explain = |name| explain("wasi_snapshot_preview1", name, Kind::Function);
        assert_eq!(
            explain("fd_write"),
            (Access::DeniedUnlessGranted, "writes to stdout, stderr or an open file; denied unless the host grants it".to_owned())
        );
        assert_eq!(explain("proc_exit"), (Access::EndsTheCall, "ends the program (exit, abort); denied, ends the call".to_owned()));
        assert_eq!(explain("sock_send").0, Access::Denied);
        assert_eq!(explain("fd_writ\u{435}").0, Access::Denied);
    }

    #[test]
    fn what_is_no_wasi_ends_the_call() {
        assert_eq!(explain("env", "system", Kind::Function).1, "runs another program; denied, ends the call");
        assert_eq!(explain("sandbox", "assert_fail", Kind::Function).1, "reports an `assert` that failed; ends the call");
        assert!(explain("env", "_ZN5other6helperEl", Kind::Function).1.contains("`other::helper(long)`"));
        assert_eq!(explain("host", "log", Kind::Function).0, Access::EndsTheCall);
        // The same names elsewhere are something else.
        assert_eq!(explain("wasi_unstable", "fd_write", Kind::Function).0, Access::EndsTheCall);
    }

    #[test]
    fn only_functions_are_loaded() {
        assert_eq!(explain("env", "memory", Kind::Memory).0, Access::NotLoaded);
    }
}
