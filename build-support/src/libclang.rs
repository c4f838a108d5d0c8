//! Tells bindgen which libclang to load.

use std::sync::Once;

use sandbox_toolchain::Toolchain;

use crate::{Error, cargo};

/// Makes bindgen load the libclang that belongs to the toolchain.
///
/// Left alone, bindgen takes the newest libclang that it sees on the machine, which may be older than the headers.
/// An environment variable is the only way to name one.
pub(crate) fn choose(toolchain: &Toolchain) -> Result<(), Error> {
    static CHOSEN: Once = Once::new();
    let file = toolchain.libclang()?;
    if cargo::libclang_path().is_none() {
        CHOSEN.call_once(|| cargo::set_libclang_path(&file));
    }
    Ok(())
}
