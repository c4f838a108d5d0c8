//! What the functions of WASI share: error numbers, the guest that calls, and how a typed function becomes an import.

use std::cell::Cell;

use wasmtime::{Caller, Extern, FuncType, Linker, ValType};

use super::{Provided, WASI};
use crate::ended::Ended;
use crate::error::{Error, LimitKind};
use crate::memory::{slice, slice_mut};
use crate::state::State;

/// An error number of WASI, which C code sees as `errno`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(i32);

impl Errno {
    pub(super) const BADF: Self = Self(8);
    pub(super) const EXIST: Self = Self(20);
    pub(super) const ILSEQ: Self = Self(25);
    pub(super) const INVAL: Self = Self(28);
    pub(super) const IO: Self = Self(29);
    pub(super) const ISDIR: Self = Self(31);
    pub(super) const MFILE: Self = Self(33);
    pub(super) const NAMETOOLONG: Self = Self(37);
    pub(super) const NOENT: Self = Self(44);
    pub(super) const NOSYS: Self = Self(52);
    pub(super) const NOTDIR: Self = Self(54);
    pub(super) const OVERFLOW: Self = Self(61);
    pub(super) const ROFS: Self = Self(69);
    pub(super) const SPIPE: Self = Self(70);
    pub(super) const NOTCAPABLE: Self = Self(76);
    /// No number that a guest sees: the limit of its output is reached, which ends the call.
    pub(super) const OUTPUT_LIMIT: Self = Self(-1);
    /// No number that a guest sees either: its fuel does not suffice for what it asks for, which
    /// ends the call.
    const OUT_OF_FUEL: Self = Self(-2);

    pub(super) fn code(self) -> i32 {
        self.0
    }
}

/// What only a file system of the host's answers.
#[cfg(feature = "host-folder")]
impl Errno {
    pub(super) const ACCES: Self = Self(2);
    pub(super) const AGAIN: Self = Self(6);
    pub(super) const INTR: Self = Self(27);
    pub(super) const LOOP: Self = Self(32);
    pub(super) const NOMEM: Self = Self(48);
}

/// What a function of WASI answers: nothing, for success, or an error number.
pub(super) type Answer = Result<(), Errno>;

/// The guest that calls: its memory, and what it was given.
pub(super) struct Guest<'a> {
    pub(super) memory: GuestMemory<'a>,
    pub(super) provided: &'a mut Provided,
    /// How many bytes it can still write to its streams.
    pub(super) output_left: u64,
}

/// What a call of the host takes of the guest's fuel, besides a unit for each byte: it takes as
/// long as some hundred operators of Wasm.
const OF_CALL: u64 = 100;

/// What it takes besides to look for a path, or at an entry of a directory.
pub(super) const OF_LOOK: u64 = 1000;

/// The memory of a guest that calls. What does not lie in it is `EINVAL`.
///
/// Whoever looks at so many bytes is about to work on them, for which the guest pays: a unit of
/// fuel for each.
pub(super) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
    fuel: &'a Fuel,
}

/// The fuel that is left in a call of the host.
pub(super) struct Fuel(Option<Cell<u64>>);

impl Fuel {
    /// Begins a call of the host, which takes some, unless the guest is to stop.
    pub(super) fn begin(caller: &mut Caller<'_, State>) -> wasmtime::Result<Self> {
        // In a straight line of calls of the host the guest itself does not look at the clock.
        caller.data_mut().meter.check()?;
        let counted = caller.data().meter.metering.fuel;
        let fuel = Self(if counted { Some(Cell::new(caller.get_fuel()?)) } else { None });
        match fuel.spend(OF_CALL) {
            Ok(()) => Ok(fuel),
            Err(_) => Err(fuel.end(caller).err().unwrap_or_else(|| wasmtime::Trap::OutOfFuel.into())),
        }
    }

    fn spend(&self, units: u64) -> Answer {
        let Some(left) = &self.0 else { return Ok(()) };
        let rest = left.get().checked_sub(units);
        left.set(rest.unwrap_or_default());
        rest.map(|_| ()).ok_or(Errno::OUT_OF_FUEL)
    }

    /// Gives back to the guest what is left.
    pub(super) fn end(self, caller: &mut Caller<'_, State>) -> wasmtime::Result<()> {
        self.0.map_or(Ok(()), |left| caller.set_fuel(left.get()))
    }
}

impl GuestMemory<'_> {
    /// Takes so many units of fuel, or says that there are not so many left.
    pub(super) fn spend(&self, units: u64) -> Answer {
        self.fuel.spend(units)
    }

    /// Checks that a range lies in the memory, and takes nothing for it.
    pub(super) fn check(&self, address: u32, count: u32) -> Answer {
        slice(self.bytes, address, count.into()).map(|_| ()).map_err(|_| Errno::INVAL)
    }

    /// Returns a checked range.
    pub(super) fn bytes(&self, address: u32, count: u32) -> Result<&[u8], Errno> {
        self.check(address, count)?;
        self.spend(count.into())?;
        slice(self.bytes, address, count.into()).map_err(|_| Errno::INVAL)
    }

    /// Returns the bytes of a path, which the host is about to look for.
    pub(super) fn path(&self, address: u32, length: u32) -> Result<&[u8], Errno> {
        self.spend(OF_LOOK)?;
        self.bytes(address, length)
    }

    /// Returns a checked range, to write to all of it.
    pub(super) fn place(&mut self, address: u32, count: u32) -> Result<&mut [u8], Errno> {
        self.check(address, count)?;
        self.spend(count.into())?;
        self.room(address, count)
    }

    /// Returns a checked range, to write to some of it. Whoever does takes the fuel for that by
    /// [`spend`](Self::spend).
    pub(super) fn room(&mut self, address: u32, count: u32) -> Result<&mut [u8], Errno> {
        slice_mut(self.bytes, address, count.into()).map_err(|_| Errno::INVAL)
    }

    /// Writes a value that is encoded already.
    pub(super) fn put<const N: usize>(&mut self, address: u32, value: [u8; N]) -> Answer {
        let count = u32::try_from(N).map_err(|_| Errno::OVERFLOW)?;
        self.place(address, count)?.copy_from_slice(&value);
        Ok(())
    }
}

/// A parameter of a function of WASI.
pub(super) trait Word: wasmtime::WasmTy {
    fn is(ty: &ValType) -> bool;
}

impl Word for u32 {
    fn is(ty: &ValType) -> bool {
        ty.is_i32()
    }
}

impl Word for u64 {
    fn is(ty: &ValType) -> bool {
        ty.is_i64()
    }
}

/// A host function that takes `Params` from the guest and answers with an error number.
pub(super) trait HostFunction<Params> {
    /// Defines it under a name of WASI, and tells whether it did: not if the guest imports it with another signature.
    fn define(self, linker: &mut Linker<State>, name: &str, ty: &FuncType) -> wasmtime::Result<bool>;
}

macro_rules! host_function {
    ($($param:ident)*) => {
        impl<F, $($param: Word),*> HostFunction<($($param,)*)> for F
        where
            F: Fn(Guest<'_>, $($param),*) -> Answer + Send + Sync + 'static,
        {
            fn define(self, linker: &mut Linker<State>, name: &str, ty: &FuncType) -> wasmtime::Result<bool> {
                let params: &[fn(&ValType) -> bool] = &[$($param::is),*];
                let fits = ty.params().len() == params.len()
                    && ty.params().zip(params).all(|(ty, is)| is(&ty))
                    && ty.results().len() == 1
                    && ty.results().all(|ty| ty.is_i32());
                if fits {
                    #[allow(non_snake_case, reason = "a value is named as its type")]
                    linker.func_wrap(WASI, name, move |mut caller: Caller<'_, State>, $($param: $param),*| {
                        let fuel = Fuel::begin(&mut caller)?;
                        let answer = guest(&mut caller, &fuel).and_then(|guest| self(guest, $($param),*));
                        fuel.end(&mut caller)?;
                        match answer {
                            Ok(()) => Ok(0),
                            Err(Errno::OUTPUT_LIMIT) => Err(output_limit(&caller)),
                            Err(Errno::OUT_OF_FUEL) => Err(wasmtime::Trap::OutOfFuel.into()),
                            Err(errno) => Ok(errno.code()),
                        }
                    })?;
                }
                Ok(fits)
            }
        }
    };
}

host_function!(A);
host_function!(A B);
host_function!(A B C);
host_function!(A B C D);
host_function!(A B C D E);
host_function!(A B C D E F0 G H I);

/// Finds the memory of a guest that calls, which it may do before it is wholly made.
fn guest<'a>(caller: &'a mut Caller<'_, State>, fuel: &'a Fuel) -> Result<Guest<'a>, Errno> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory).ok_or(Errno::INVAL)?;
    let (memory, state) = memory.data_and_store_mut(caller);
    let output_left = state.limiter.limits.output.saturating_sub(state.provided.written);
    Ok(Guest { memory: GuestMemory { bytes: memory, fuel }, provided: &mut state.provided, output_left })
}

fn output_limit(caller: &Caller<'_, State>) -> wasmtime::Error {
    Ended::Refused(Error::limit(LimitKind::Output, caller.data().limiter.limits.output)).into()
}
