//! Which features of WebAssembly a module uses: those without which it is not valid.

use wasmparser::{Validator, WasmFeatures};

/// The features, those that stand on others first, with the names that people use.
const FEATURES: [(WasmFeatures, &str); 21] = [
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
];

/// The oldest extensions, which every compiler has used for years.
const OLD: [(WasmFeatures, &str); 2] =
    [(WasmFeatures::SIGN_EXTENSION, "sign extension"), (WasmFeatures::SATURATING_FLOAT_TO_INT, "saturating conversions")];

/// All that a module, which is no component, can have.
fn all() -> WasmFeatures {
    WasmFeatures::all().difference(WasmFeatures::COMPONENT_MODEL)
}

/// Validates a module, whatever it uses, and names the features that it cannot do without.
pub(super) fn used(bytes: &[u8]) -> Result<Vec<&'static str>, wasmparser::BinaryReaderError> {
    let valid = |features| Validator::new_with_features(features).validate_all(bytes).map(drop);
    let mut features = all();
    valid(features)?;
    let mut used = Vec::new();
    for (feature, name) in FEATURES.into_iter().chain(OLD) {
        // How an index is padded is no feature that anybody would name.
        let without = features.difference(feature).union(WasmFeatures::CALL_INDIRECT_OVERLONG);
        if valid(without).is_ok() {
            features = without;
        } else {
            used.push(name);
        }
    }
    used.sort_unstable_by_key(|name| name.to_lowercase());
    Ok(used)
}
