//! How a call ended: what the engine says, as an [`Error`].

use std::error::Error as StdError;

use wasmtime::StoreContextMut;

use crate::cxx_exception::{self, Thrown};
use crate::error::{Error, LimitKind, Trap, TrapKind};
use crate::meter::Stop;
use crate::state::{State, Status};
use crate::{assertion, backtrace, frame};

/// Why the host ended a call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("exit({0})")]
    Exit(i32),
    #[error("the denied import {0}")]
    Denied(Box<str>),
    /// A callback failed, with an error of its own.
    #[error("a callback failed")]
    Callback(Box<dyn StdError + Send + Sync>),
    /// A callback that was unregistered was called through a reference that the guest kept.
    #[error("a callback that is not registered")]
    Stale,
    /// The host stopped the guest; the meter says why.
    #[error("the host stopped the guest")]
    Stopped,
    /// What a callback was passed, or returned, cannot be; a limit was reached; a call further in ended badly.
    #[error("the host refused")]
    Refused(Error),
}

/// Says how a call ended, and what the guest was denied in it.
pub(crate) fn ended(store: &mut StoreContextMut<'_, State>, function: &'static str, error: wasmtime::Error) -> Error {
    why(store, function, error).after(&store.data().provided.denied)
}

fn why(store: &mut StoreContextMut<'_, State>, function: &'static str, error: wasmtime::Error) -> Error {
    use wasmtime::Trap as Code;

    if let Some(Code::OutOfFuel) = error.downcast_ref() {
        store.data_mut().meter.stopped.get_or_insert(Stop::Fuel);
    }
    // Whatever a callback made of it on the way.
    if let Some(stop) = store.data().meter.stopped {
        return stop.error(function, &store.data().limiter.limits).at(backtrace::frames(store.data(), &error));
    }
    let trap = |kind, message, frames| Error::Trap(Box::new(Trap { function, kind, message, frames, denied: Box::default() }));
    // Naming functions takes a while, and a callback's error may be an everyday thing.
    let frames = match error.downcast_ref() {
        Some(Ended::Refused(Error::Limit { .. })) | None => backtrace::frames(store.data(), &error),
        Some(_) => Vec::new(),
    };
    let error = match error.downcast::<Ended>() {
        Ok(Ended::Exit(code)) => return Error::Exit { function, code, denied: Box::default() },
        Ok(Ended::Denied(import)) => return Error::DeniedImport { function, import },
        Ok(Ended::Callback(error)) => return callback_error(function, error, store.data().status == Status::Poisoned),
        Ok(Ended::Stale) => return trap(TrapKind::NullFunction, None, Vec::new()),
        Ok(Ended::Refused(error @ (Error::Limit { .. } | Error::Poisoned { .. }))) => return error.at(frames),
        Ok(Ended::Refused(error)) => return callback_error(function, error.into(), false),
        Ok(Ended::Stopped) => return Error::bug("a guest that was stopped for no reason"),
        Err(error) => error,
    };
    let out_of_memory = || store.data().limiter.out_of_memory();
    if error.is::<wasmtime::GcHeapOutOfMemory<()>>() {
        return out_of_memory().at(frames);
    }
    let mut message = None;
    let kind = match error.downcast_ref::<Code>() {
        Some(Code::StackOverflow) => {
            return Error::limit(LimitKind::CallStack, crate::engine::call_stack()).at(frames);
        }
        Some(Code::AllocationTooLarge) => return out_of_memory().at(frames),
        Some(Code::MemoryOutOfBounds) if let Some(limit) = frame::used_up(store) => {
            return Error::limit(LimitKind::Stack, limit).at(frames);
        }
        Some(Code::MemoryOutOfBounds | Code::HeapMisaligned) => TrapKind::OutOfBounds,
        Some(Code::TableOutOfBounds | Code::IndirectCallToNull) => TrapKind::NullFunction,
        Some(Code::BadSignature) => TrapKind::BadSignature,
        Some(Code::UnreachableCodeReached) => TrapKind::Abort,
        Some(Code::IntegerDivisionByZero) => TrapKind::DivisionByZero,
        Some(Code::IntegerOverflow | Code::BadConversionToInteger) => TrapKind::Overflow,
        _ if error.is::<wasmtime::ThrownException>() => match cxx_exception::take(store) {
            Thrown::Other => TrapKind::UncaughtJump,
            Thrown::Cxx(name) => {
                message = name;
                TrapKind::UncaughtException
            }
        },
        _ if let Some(assertion::Failed(text)) = error.downcast_ref() => {
            message = text.clone();
            TrapKind::Assertion
        }
        _ => TrapKind::Other,
    };
    trap(kind, message, frames)
}

/// An error that already comes from a callback further in stays what it is: the caller finds its own error at any depth. So does the limit that a call further in has reached, which is `nested`.
fn callback_error(function: &'static str, error: Box<dyn StdError + Send + Sync>, nested: bool) -> Error {
    match error.downcast::<Error>() {
        Ok(error) if matches!(*error, Error::Callback { .. }) => *error,
        Ok(error) if nested && matches!(*error, Error::Limit { .. }) => *error,
        Ok(error) => Error::Callback { function, error },
        Err(error) => Error::Callback { function, error },
    }
}
