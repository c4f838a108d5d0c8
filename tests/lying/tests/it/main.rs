//! Guests that are compiled while the tests run.

mod attack;
mod plugins;
mod sloth;
