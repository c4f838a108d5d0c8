//! What calls cost, by C function. Without the feature `observe` the same calls do nothing, and are compiled away.

#[cfg(not(feature = "observe"))]
mod off;
#[cfg(feature = "observe")]
mod on;

#[cfg(not(feature = "observe"))]
pub(crate) use off::{Mark, Observer, call_span, callback_span};
#[cfg(feature = "observe")]
pub(crate) use on::{Mark, Observer, call_span, callback_span};
#[cfg(feature = "observe")]
pub use on::{Observations, Observed};
