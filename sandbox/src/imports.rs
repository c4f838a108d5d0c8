//! What a guest can import: by default nothing that does anything.
//!
//! The guest's libc imports functions of WASI for files, clocks and the like. Each is answered with the error number that a system without that
//! facility would give, which C code handles. A failed `assert` has an import of its own (`assertion.rs`). Every other one ends the call with
//! [`Error::DeniedImport`](crate::Error::DeniedImport).

use std::io::Write;

use wasmtime::{Caller, ExternType, Linker, Module, Val, ValType};

use crate::assertion;
use crate::ended::Ended;
use crate::memory::{slice, slice_mut};
use crate::state::State;

const WASI: &str = "wasi_snapshot_preview1";
/// `EBADF` of WASI.
const BADF: i32 = 8;
/// `EINVAL` of WASI.
const INVAL: i32 = 28;
/// `ENOSYS` of WASI.
const NOSYS: i32 = 52;
/// As many pieces as POSIX's `IOV_MAX` allows in one write.
const IOV_MAX: u32 = 1024;
/// As much as one `fd_write` passes on, so that no iovec list makes the host do more work than the guest has memory.
const WRITE_MAX: usize = 1 << 20;

/// What becomes of a stream that the guest writes to, its standard output or standard error.
///
/// # Examples
///
/// ```
/// let keep_the_first_lines = sandbox::Output::Capture { limit: 4096 };
/// # let _ = keep_the_first_lines;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Writing fails with `EBADF`, as on a closed descriptor.
    #[default]
    Deny,
    /// Up to `limit` bytes are kept for the host to read; what comes after them is dropped.
    Capture {
        /// How many bytes are kept.
        limit: usize,
    },
    /// The text goes to the host's stream of the same name. Control characters, and those that reorder or hide
    /// text, are escaped: a guest must not drive the user's terminal.
    ///
    /// There is no limit to how much a guest writes. For a guest that is not expected to be well-behaved, capture.
    Inherit,
}

/// The guest's two output streams.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
}

/// One of them.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    policy: Output,
    pub(crate) captured: Vec<u8>,
}

impl Stream {
    pub(crate) fn new(policy: Output) -> Self {
        Self { policy, captured: Vec::new() }
    }

    fn write(&mut self, bytes: &[u8], host: &mut dyn Write) {
        match self.policy {
            Output::Deny => {}
            Output::Capture { limit } => {
                let room = limit.saturating_sub(self.captured.len()).min(bytes.len());
                // No doubling: a limit of the user's is a limit of the host's memory.
                self.captured.reserve_exact(room);
                self.captured.extend_from_slice(bytes.get(..room).unwrap_or_default());
            }
            Output::Inherit => {
                let text = String::from_utf8_lossy(bytes);
                let mut shown = String::with_capacity(text.len());
                for c in text.chars() {
                    match c {
                        '\n' | '\t' | '\'' | '"' | '\\' => shown.push(c),
                        // Control characters, and those of Unicode that reorder or hide text.
                        c => shown.extend(c.escape_debug()),
                    }
                }
                // A closed pipe of the host is no matter of the guest's.
                let _ = host.write_all(shown.as_bytes());
            }
        }
    }
}

/// Defines every import of `module`.
pub(crate) fn link(linker: &mut Linker<State>, module: &Module) -> Result<(), wasmtime::Error> {
    linker.allow_shadowing(true);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else {
            return Err(wasmtime::format_err!(
                "it imports `{}.{}`, which is no function; link it so that it defines its own memory and tables",
                import.module(),
                import.name()
            ));
        };
        let answers_errno = ty.results().len() == 1 && ty.results().all(|ty| matches!(ty, ValType::I32));
        let name: Box<str> = import.name().into();
        match (import.module(), import.name()) {
            (WASI, "proc_exit") => {
                linker.func_new(WASI, &name, ty, |_, params, _| {
                    Err(Ended::Exit(params.first().and_then(Val::i32).unwrap_or_default()).into())
                })?;
            }
            (WASI, "fd_write") if answers_errno && ty.params().len() == 4 => {
                linker.func_new(WASI, &name, ty, |caller, params, results| {
                    answer(results, fd_write(caller, params));
                    Ok(())
                })?;
            }
            (WASI, "environ_sizes_get" | "args_sizes_get") if answers_errno => {
                linker.func_new(WASI, &name, ty, |caller, params, results| {
                    answer(results, no_strings(caller, params));
                    Ok(())
                })?;
            }
            (WASI, "environ_get" | "args_get") if answers_errno => {
                linker.func_new(WASI, &name, ty, |_, _, results| {
                    answer(results, 0);
                    Ok(())
                })?;
            }
            (WASI, other) if answers_errno => {
                let errno = if other.starts_with("fd_") { BADF } else { NOSYS };
                linker.func_new(WASI, &name, ty, move |_, _, results| {
                    answer(results, errno);
                    Ok(())
                })?;
            }
            (assertion::MODULE, assertion::NAME) if assertion::accepts(&ty) => {
                linker.func_new(assertion::MODULE, &name, ty, |caller, params, _| Err(assertion::failed(caller, params).into()))?;
            }
            (from, _) => {
                let import: Box<str> = format!("{from}.{name}").into();
                linker.func_new(from, &name, ty, move |_, _, _| Err(Ended::Denied(import.clone()).into()))?;
            }
        }
    }
    Ok(())
}

fn answer(results: &mut [Val], errno: i32) {
    if let Some(result) = results.first_mut() {
        *result = Val::I32(errno);
    }
}

fn address(params: &[Val], index: usize) -> u32 {
    params.get(index).and_then(Val::i32).unwrap_or_default().cast_unsigned()
}

/// An environment, or an argument list, without entries.
fn no_strings(mut caller: Caller<'_, State>, params: &[Val]) -> i32 {
    let Some(memory) = caller.get_export("memory").and_then(wasmtime::Extern::into_memory) else { return INVAL };
    for index in 0..2 {
        let Ok(place) = slice_mut(memory.data_mut(&mut caller), address(params, index), 4) else { return INVAL };
        place.fill(0);
    }
    0
}

/// `fd_write(fd, iovs, iovs_len, nwritten)` for the two output streams.
fn fd_write(mut caller: Caller<'_, State>, params: &[Val]) -> i32 {
    let Some(memory) = caller.get_export("memory").and_then(wasmtime::Extern::into_memory) else { return INVAL };
    let fd = address(params, 0);
    let count = address(params, 2);
    if count > IOV_MAX {
        return INVAL;
    }
    let (bytes, state) = memory.data_and_store_mut(&mut caller);
    let (stream, host): (_, &mut dyn Write) = match fd {
        1 => (&mut state.streams.stdout, &mut std::io::stdout()),
        2 => (&mut state.streams.stderr, &mut std::io::stderr()),
        _ => return BADF,
    };
    if stream.policy == Output::Deny {
        return BADF;
    }
    let Ok(iovecs) = slice(bytes, address(params, 1), u64::from(count).saturating_mul(8)) else { return INVAL };
    let mut text = Vec::new();
    for iovec in iovecs.chunks_exact(8) {
        let word =
            |at: usize| iovec.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().map(u32::from_le_bytes).unwrap_or_default();
        let (start, length) = (word(0), word(4));
        if length == 0 {
            continue;
        }
        let Ok(piece) = slice(bytes, start, length.into()) else { return INVAL };
        let room = WRITE_MAX.saturating_sub(text.len()).min(piece.len());
        text.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
    stream.write(&text, host);
    // POSIX: a write may be shorter than what was asked for.
    let written = u32::try_from(text.len()).unwrap_or_default();
    match slice_mut(bytes, address(params, 3), 4) {
        Ok(place) => place.copy_from_slice(&written.to_le_bytes()),
        Err(_) => return INVAL,
    }
    0
}
