//! Everything that crosses crates, in one binary.

mod basics;
mod calls;
mod capabilities;
mod cxx;
#[cfg(target_os = "linux")]
mod forks;
mod generated;
mod goldens;
mod hostile;
mod limits;
mod manual;
mod measure;
#[cfg(target_os = "linux")]
mod next_guest;
mod no_compiler;
mod odd;
mod own_crate;
mod parts;
mod pool;
mod prepared;
mod ranges;
mod record;
mod refused;
mod scale;
#[cfg(target_os = "linux")]
mod signals;
mod snapshots;
#[cfg(target_os = "linux")]
mod stacks;
mod starts;
#[cfg(target_os = "linux")]
mod system;
mod traps;
mod tuned;
mod types;
mod ui;
mod verify;
mod views;
