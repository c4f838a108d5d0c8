//! The engine of this process.

use std::sync::OnceLock;

use wasmtime::Engine;

/// Returns the engine, which all modules share.
pub(crate) fn shared() -> Result<&'static Engine, wasmtime::Error> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let engine = Engine::new(&sandbox_engine::config())?;
    Ok(ENGINE.get_or_init(|| engine))
}
