//! From C headers to the input language of `sandbox::library!`.
//!
//! [`read`] runs bindgen and keeps what it says as [`ir`]; [`select`] applies the allow and block lists and decides what
//! the language can express; [`write`] prints it. bindgen's own code is never compiled.

pub(crate) mod confirm;
pub(crate) mod constants;
mod flatten;
pub(crate) mod ir;
pub(crate) mod lost;
pub(crate) mod measure;
mod passing;
pub(crate) mod problems;
pub(crate) mod read;
mod reader;
pub(crate) mod select;
pub(crate) mod tags;
pub(crate) mod write;
