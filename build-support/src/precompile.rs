//! Precompiles a module with wasmtime, for the target of the application.

use std::borrow::Cow;
use std::path::Path;

use sandbox_engine::{Metering, Outline, StaticData};
use sha2::{Digest, Sha256};
use wasmtime::{Config, Engine, OptLevel};

use crate::Error;
use crate::compile::digest;
use crate::target::{FEATURES, arch, host, target_and_features};

/// Precompiles a Wasm module for cargo's target, with the settings of the `sandbox` runtime.
///
/// In a build script the target is the application's, with the processor features that the application itself may use (`-C target-cpu`, `-C target-feature`); elsewhere
/// it is this machine, with what every processor of its architecture has. The code can be interrupted, and does not count fuel; see [`precompile_metered`].
///
/// # Errors
///
/// [`Error::Precompile`] if the module is not valid, or the target is of another architecture and the cargo feature
/// `cross` is off.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), build_support::Error> {
/// // The smallest module: no more than a header.
/// let compiled = build_support::precompile(b"\0asm\x01\0\0\0")?;
/// assert!(!compiled.is_empty());
/// # Ok(())
/// # }
/// ```
pub fn precompile(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    precompile_metered(wasm, Metering::DEFAULT)
}

/// Does the same, with these checks in the code.
///
/// # Errors
///
/// As [`precompile`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), build_support::Error> {
/// let counting = build_support::Metering { interrupts: true, fuel: true };
/// let compiled = build_support::precompile_metered(b"\0asm\x01\0\0\0", counting)?;
/// assert_ne!(compiled, build_support::precompile(b"\0asm\x01\0\0\0")?);
/// # Ok(())
/// # }
/// ```
pub fn precompile_metered(wasm: &[u8], metering: Metering) -> Result<Vec<u8>, Error> {
    Precompiler::new(None, metering)?.compile(wasm)
}

/// wasmtime, set up for one target.
pub(crate) struct Precompiler {
    target: String,
    /// For modules with little static data, and for those with much.
    copied: Engine,
    mapped: Engine,
}

impl Precompiler {
    /// Sets up for this target, or for cargo's.
    pub(crate) fn new(target: Option<&str>, metering: Metering) -> Result<Self, Error> {
        let (target, features) = target_and_features(target);
        Self::with_features(target, &features, metering)
    }

    fn with_features(target: String, features: &[String], metering: Metering) -> Result<Self, Error> {
        let this = host();
        let refuse = |error: &wasmtime::Error| {
            let mut reason = format!("{error:#}");
            if arch(&target) != arch(&this) && !cfg!(feature = "cross") {
                reason.push_str("; it is another architecture than this machine's: turn on the feature `cross` of build-support");
            }
            Error::Precompile { target: target.clone(), reason }
        };
        let engine = |data| {
            let mut config = sandbox_engine::config(metering, data);
            config.cranelift_opt_level(OptLevel::Speed);
            // Naming the target, even the host's own, keeps the CPU features to what every such CPU
            // has.
            config.target(&target)?;
            let known = FEATURES.iter().filter(|(name, _)| *name == arch(&target)).flat_map(|(_, known)| *known);
            for (_, flag) in known.filter(|(name, _)| features.iter().any(|feature| feature == name)) {
                enable(&mut config, flag);
            }
            Engine::new(&config)
        };
        let copied = engine(StaticData::Copied).map_err(|error| refuse(&error))?;
        let mapped = engine(StaticData::Mapped).map_err(|error| refuse(&error))?;
        Ok(Self { target, copied, mapped })
    }

    pub(crate) fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, Error> {
        let (engine, wasm) = self.prepare(wasm);
        self.compile_with(engine, &wasm)
    }

    /// Chooses the engine for a module, and exports what a snapshot has to know of. What is wrong
    /// with one that cannot be read the engine says better.
    fn prepare<'a>(&self, wasm: &'a [u8]) -> (&Engine, Cow<'a, [u8]>) {
        let outline = Outline::of(wasm).unwrap_or_default();
        let engine = match StaticData::of(outline.data_bytes) {
            StaticData::Copied => &self.copied,
            StaticData::Mapped => &self.mapped,
        };
        (engine, outline.with_state_exported(wasm).map_or(Cow::Borrowed(wasm), Cow::Owned))
    }

    fn compile_with(&self, engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, Error> {
        engine.precompile_module(wasm).map_err(|error| Error::Precompile { target: self.target.clone(), reason: format!("{error:#}") })
    }

    /// Names the result: equal keys mean equal machine code.
    pub(crate) fn key(&self, wasm: &[u8]) -> Result<String, Error> {
        let (engine, wasm) = self.prepare(wasm);
        // What wasmtime makes of an empty module holds its version, the target, and every setting of the engine.
        let settings = self.compile_with(engine, b"\0asm\x01\0\0\0")?;
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(settings));
        hash.update(wasm);
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Compiles a module unless the last result, in `kept`, is of the same module and settings, and
    /// as it was left. A new result comes with what vouches for it.
    pub(crate) fn compile_cached(&self, wasm: &[u8], kept: &Path, record: &Path) -> Result<(Vec<u8>, Option<String>), Error> {
        let key = self.key(wasm)?;
        let vouched = |code: &[u8]| format!("{key} {}", digest(code));
        if let (Ok(last), Ok(code)) = (std::fs::read_to_string(record), std::fs::read(kept))
            && last == vouched(&code)
        {
            return Ok((code, None));
        }
        let code = self.compile(wasm)?;
        let record = vouched(&code);
        Ok((code, Some(record)))
    }
}

/// Lets the machine code use a feature of the processor.
#[allow(unsafe_code, reason = "a wrong flag of Cranelift makes wrong code")]
fn enable(config: &mut Config, flag: &str) {
    // SAFETY: each flag of `FEATURES` only says that a processor has something. It is set where the application itself, which the code is part of, may use the same; and
    // wasmtime refuses to load code on a processor that lacks it.
    unsafe { config.cranelift_flag_enable(flag) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn the_key_depends_on_the_module_the_target_and_the_metering() {
        let host = Precompiler::new(None, Metering::DEFAULT).unwrap();
        assert_eq!(host.key(EMPTY).unwrap(), Precompiler::new(None, Metering::DEFAULT).unwrap().key(EMPTY).unwrap());
        assert_ne!(host.key(EMPTY).unwrap(), host.key(b"\0asm\x01\0\0\0\0\x01\0").unwrap());
        let arch = std::env::consts::ARCH;
        let other = Precompiler::new(Some(&format!("{arch}-pc-windows-msvc")), Metering::DEFAULT).unwrap();
        assert_ne!(host.key(EMPTY).unwrap(), other.key(EMPTY).unwrap());
        let unchecked = Precompiler::new(None, Metering { interrupts: false, fuel: false }).unwrap();
        assert_ne!(host.key(EMPTY).unwrap(), unchecked.key(EMPTY).unwrap());
    }

    #[test]
    fn code_uses_what_the_application_may_use_of_its_processor() {
        let with = |target: &str, features: &[&str]| {
            let features: Vec<String> = features.iter().map(|&feature| feature.into()).collect();
            Precompiler::with_features(target.to_owned(), &features, Metering::DEFAULT)
        };
        if std::env::consts::ARCH == "x86_64" {
            // (module (func (export "f") (param i32) (result i32) local.get 0 i32.popcnt))
            let popcnt =
                b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x07\x01\x05\0\x20\0\x69\x0b";
            let uses =
                |features| with(&host(), features).unwrap().compile(popcnt).unwrap().windows(3).any(|code| code == [0xf3, 0x0f, 0xb8]);
            assert!(!uses(&["fxsr", "sse", "sse2"]));
            assert!(uses(&["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt"]));
        }
        // All of them are known to Cranelift, and each makes another key.
        for (arch, known) in FEATURES.iter().filter(|(arch, _)| *arch == std::env::consts::ARCH || cfg!(feature = "cross")) {
            let target = format!("{arch}-unknown-linux-gnu");
            let mut names = Vec::new();
            let mut keys = vec![with(&target, &names).unwrap().key(EMPTY).unwrap()];
            for (name, _) in *known {
                names.push(name);
                keys.push(with(&target, &names).unwrap().key(EMPTY).unwrap());
            }
            keys.dedup();
            assert_eq!(keys.len(), known.len() + 1, "{arch}");
        }
    }

    #[test]
    fn a_kept_result_of_the_same_module_is_used_again_if_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, record) = (folder.path().join("c"), folder.path().join("k"));
        let precompiler = Precompiler::new(None, Metering::DEFAULT).unwrap();
        let vouched = format!("{} {}", precompiler.key(EMPTY).unwrap(), digest(b"kept"));
        std::fs::write(&kept, b"kept").unwrap();
        std::fs::write(&record, &vouched).unwrap();
        assert_eq!(precompiler.compile_cached(EMPTY, &kept, &record).unwrap(), (b"kept".to_vec(), None));
        for (code, vouched) in [("kept", "another"), ("kep", &vouched), ("kepT", &vouched), ("", &vouched)] {
            std::fs::write(&kept, code).unwrap();
            std::fs::write(&record, vouched).unwrap();
            let (made, record) = precompiler.compile_cached(EMPTY, &kept, &record).unwrap();
            assert_ne!(made, b"kept");
            assert_eq!(record, Some(format!("{} {}", precompiler.key(EMPTY).unwrap(), digest(&made))));
        }
    }

    #[test]
    fn a_broken_module_is_an_error() {
        let error = precompile(b"\0asm\x01\0\0\0\xff").unwrap_err();
        assert!(matches!(error, Error::Precompile { .. }));
    }
}
