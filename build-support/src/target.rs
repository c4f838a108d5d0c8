//! The target that a module is precompiled for, and what may be used of its processor.

use crate::cargo;

/// Features of processors that Cranelift can use, in rustc's words and in Cranelift's, for each architecture.
pub(crate) const FEATURES: [(&str, &[(&str, &str)]); 2] = [
    (
        "x86_64",
        &[
            ("sse3", "has_sse3"),
            ("ssse3", "has_ssse3"),
            ("sse4.1", "has_sse41"),
            ("sse4.2", "has_sse42"),
            ("popcnt", "has_popcnt"),
            ("cmpxchg16b", "has_cmpxchg16b"),
            ("avx", "has_avx"),
            ("avx2", "has_avx2"),
            ("fma", "has_fma"),
            ("bmi1", "has_bmi1"),
            ("bmi2", "has_bmi2"),
            ("lzcnt", "has_lzcnt"),
            ("avx512bitalg", "has_avx512bitalg"),
            ("avx512dq", "has_avx512dq"),
            ("avx512f", "has_avx512f"),
            ("avx512vbmi", "has_avx512vbmi"),
            ("avx512vl", "has_avx512vl"),
        ],
    ),
    ("aarch64", &[("lse", "has_lse"), ("fp16", "has_fp16"), ("dotprod", "has_dotprod"), ("i8mm", "has_i8mm")]),
];

/// Says whether a shuffle of SIMD values is an instruction of the processor. On x86-64 it takes
/// SSSE3; without it each shuffle is a call of the runtime, which costs a hundred times as much.
pub(crate) fn has_shuffles(target: Option<&str>) -> bool {
    let (target, features) = target_and_features(target);
    arch(&target) != "x86_64" || features.iter().any(|feature| feature == "ssse3")
}

/// Returns the target, and what may be used of its processor: for cargo's own target it may have
/// more than every one of its architecture.
pub(crate) fn target_and_features(target: Option<&str>) -> (String, Vec<String>) {
    let ours = cargo::target().filter(|ours| target.is_none_or(|target| target == ours));
    let features = if ours.is_some() { cargo::target_features() } else { Vec::new() };
    (target.map(str::to_owned).or(ours).unwrap_or_else(host), features)
}

/// Returns the triple of the machine that this build script was compiled for.
pub(crate) fn host() -> String {
    let arch = std::env::consts::ARCH;
    match std::env::consts::OS {
        "macos" => format!("{arch}-apple-darwin"),
        "windows" => format!("{arch}-pc-windows-msvc"),
        os => format!("{arch}-unknown-{os}-gnu"),
    }
}

pub(crate) fn arch(triple: &str) -> &str {
    triple.split('-').next().unwrap_or(triple)
}
