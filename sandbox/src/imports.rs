//! What a guest can import: by default nothing that does anything.
//!
//! The guest's libc imports functions of WASI for files, clocks and the like. Each that the guest was not given is answered with the error number
//! that a system without that facility would give, which C code handles. A failed `assert` has an import of its own (`assertion.rs`). Every other import ends the call with
//! [`Error::DeniedImport`](crate::Error::DeniedImport).

mod clock;
mod environment;
mod files;
mod iovec;
mod random;
mod streams;
mod wasi;

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{ExternType, FuncType, ImportType, Linker, Module, Val};

pub use self::clock::{Clock, ClockId};
pub(crate) use self::environment::Environment;
use self::files::Descriptors;
#[cfg(feature = "host-folder")]
pub(crate) use self::files::Folder;
pub(crate) use self::files::Tree;
pub use self::random::Random;
use self::random::Source;
pub use self::streams::Output;
use self::streams::Stream;
use self::wasi::{Errno, Fuel, HostFunction};
use crate::capabilities::Capabilities;
use crate::denied::{Denied, Wanted};
use crate::ended::Ended;
use crate::error::Result;
use crate::state::State;
use crate::{assertion, backtrace};

const WASI: &str = "wasi_snapshot_preview1";

/// As many imports as a module can have: each takes memory of every sandbox, which is not the guest's own.
const IMPORTS: usize = 1000;

/// What one instance was given, and what it made of that.
pub(crate) struct Provided {
    capabilities: Arc<Capabilities>,
    /// When the instance was made: where its monotonic clock starts.
    start: Instant,
    random: Source,
    descriptors: Descriptors,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    /// How many bytes were written to both.
    pub(crate) written: u64,
    pub(crate) denied: Denied,
}

impl Provided {
    /// Tells whether the guest has opened, read or closed no file so far.
    pub(crate) fn files_are_untouched(&self) -> bool {
        self.descriptors.are_untouched(&self.capabilities)
    }

    pub(crate) fn new(capabilities: &Arc<Capabilities>) -> Result<Self> {
        capabilities.check()?;
        Ok(Self {
            start: Instant::now(),
            random: Source::new(capabilities.random),
            descriptors: Descriptors::new(capabilities),
            stdout: Stream::new(capabilities.stdout),
            stderr: Stream::new(capabilities.stderr),
            written: 0,
            denied: Denied::default(),
            capabilities: Arc::clone(capabilities),
        })
    }
}

/// Defines every import of `module`.
pub(crate) fn link(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    if module.imports().len() > IMPORTS {
        return Err(wasmtime::format_err!("it imports {} functions, and at most {IMPORTS} are linked", module.imports().len()));
    }
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else {
            return Err(wasmtime::format_err!(
                "it imports `{}.{}`, which is no function; link it so that it defines its own memory and tables",
                backtrace::shown(import.module()),
                backtrace::shown(import.name())
            ));
        };
        if import.module() != WASI || !provide(linker, import.name(), &ty)? {
            deny(linker, &import, ty)?;
        }
    }
    Ok(())
}

/// Defines a function of WASI that a guest can be given, if it is imported as WASI has it.
fn provide(linker: &mut Linker<State>, name: &str, ty: &FuncType) -> wasmtime::Result<bool> {
    match name {
        "args_get" => environment::no_strings.define(linker, name, ty),
        "args_sizes_get" => environment::no_sizes.define(linker, name, ty),
        "clock_res_get" => clock::res_get.define(linker, name, ty),
        "clock_time_get" => clock::time_get.define(linker, name, ty),
        "environ_get" => environment::strings.define(linker, name, ty),
        "environ_sizes_get" => environment::sizes.define(linker, name, ty),
        "fd_close" => files::close.define(linker, name, ty),
        "fd_fdstat_get" => files::status_of_descriptor.define(linker, name, ty),
        "fd_filestat_get" => files::status_of_file.define(linker, name, ty),
        "fd_pread" => files::read_at.define(linker, name, ty),
        "fd_prestat_dir_name" => files::root_name.define(linker, name, ty),
        "fd_prestat_get" => files::root.define(linker, name, ty),
        "fd_read" => files::read.define(linker, name, ty),
        "fd_readdir" => files::list.define(linker, name, ty),
        "fd_seek" => files::seek.define(linker, name, ty),
        "fd_tell" => files::tell.define(linker, name, ty),
        "fd_write" => streams::write.define(linker, name, ty),
        "path_filestat_get" => files::status_of_path.define(linker, name, ty),
        "path_open" => files::open.define(linker, name, ty),
        "random_get" => random::get.define(linker, name, ty),
        _ => Ok(false),
    }
}

/// Defines a function that the guest is not given: it answers with an error number if it can, and ends the call otherwise.
fn deny(linker: &mut Linker<State>, import: &ImportType<'_>, ty: FuncType) -> wasmtime::Result<()> {
    let (from, name) = (import.module(), import.name());
    if from == WASI && name == "proc_exit" {
        linker.func_new(WASI, name, ty, |_, params, _| Err(Ended::Exit(params.first().and_then(Val::i32).unwrap_or_default()).into()))?;
    } else if from == WASI && ty.results().len() == 1 && ty.results().all(|ty| ty.is_i32()) {
        let errno = if name.starts_with("fd_") { Errno::BADF } else { Errno::NOSYS };
        let shown: Arc<str> = backtrace::shown(name).into();
        linker.func_new(WASI, name, ty, move |mut caller, _, results| {
            Fuel::begin(&mut caller)?.end(&mut caller)?;
            caller.data_mut().provided.denied.note(Wanted::Function(Arc::clone(&shown)));
            if let Some(result) = results.first_mut() {
                *result = Val::I32(errno.code());
            }
            Ok(())
        })?;
    } else if (from, name) == (assertion::MODULE, assertion::NAME) && assertion::accepts(&ty) {
        linker.func_new(from, name, ty, |caller, params, _| Err(assertion::failed(caller, params).into()))?;
    } else {
        let import = backtrace::shown(&format!("{from}.{name}"));
        linker.func_new(from, name, ty, move |_, _, _| Err(Ended::Denied(import.clone()).into()))?;
    }
    Ok(())
}
