//! Guests that are compiled while the tests run.

mod plugins;
mod sloth;
