//! Which features of WebAssembly a module uses: those without which it is not valid.

use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

/// The features, those that stand on others first, with the names that people use.
const FEATURES: [(WasmFeatures, &str); 23] = [
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "shared-everything threads"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::GC, "garbage collection"),
    (WasmFeatures::FUNCTION_REFERENCES, "typed function references"),
    (WasmFeatures::COMPACT_IMPORTS, "compact imports"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "exceptions (legacy form)"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::EXTENDED_CONST, "extended constants"),
    (WasmFeatures::MULTI_MEMORY, "several memories"),
    (WasmFeatures::MEMORY64, "64-bit memory"),
    (WasmFeatures::THREADS, "threads"),
    (WasmFeatures::TAIL_CALL, "tail calls"),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD"),
    (WasmFeatures::SIMD, "SIMD"),
    (WasmFeatures::MULTI_VALUE, "multiple results"),
    (WasmFeatures::REFERENCE_TYPES, "reference types"),
    (WasmFeatures::BULK_MEMORY, "bulk memory"),
    (WasmFeatures::SIGN_EXTENSION, "sign extension"),
    (WasmFeatures::SATURATING_FLOAT_TO_INT, "saturating conversions"),
];

/// All that a module, which is no component, can have.
fn all() -> WasmFeatures {
    WasmFeatures::all().difference(WasmFeatures::COMPONENT_MODEL)
}

/// Validates a module, whatever it uses, and names the features that it cannot do without.
pub(super) fn used(bytes: &[u8]) -> Result<Vec<&'static str>, BinaryReaderError> {
    let mut search = Search { bytes, features: all(), used: Vec::new() };
    search.validate(search.features)?;
    search.turn_off(&FEATURES);
    search.used.sort_unstable_by_key(|name| name.to_lowercase());
    Ok(search.used)
}

struct Search<'a> {
    bytes: &'a [u8],
    /// With these the module is valid.
    features: WasmFeatures,
    used: Vec<&'static str>,
}

impl Search<'_> {
    fn validate(&self, features: WasmFeatures) -> Result<(), BinaryReaderError> {
        Validator::new_with_features(features).validate_all(self.bytes).map(drop)
    }

    /// Turns off what the module does not need: all at once, or else by halves, since it needs few.
    fn turn_off(&mut self, features: &[(WasmFeatures, &'static str)]) {
        let all = features.iter().fold(WasmFeatures::empty(), |all, (feature, _)| all.union(*feature));
        // How an index is padded is no feature that anybody would name.
        let without = self.features.difference(all).union(WasmFeatures::CALL_INDIRECT_OVERLONG);
        if self.validate(without).is_ok() {
            self.features = without;
        } else if let [(_, name)] = features {
            self.used.push(name);
        } else {
            let (first, second) = features.split_at(features.len() / 2);
            self.turn_off(first);
            self.turn_off(second);
        }
    }
}
