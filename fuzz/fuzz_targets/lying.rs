//! The fuzzer's bytes are the seed and the script of a lying library; the examples, unchanged, run on top.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use lying_tests::{Guest, Run, png, zlib};

/// What honest libraries made, before the lies began.
static INPUTS: OnceLock<(zlib::Inputs, png::Inputs)> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let (zlib_inputs, png_inputs) = INPUTS.get_or_init(|| (zlib::Inputs::new(), png::Inputs::new()));
    let Some((head, script)) = bytes.split_first_chunk::<4>() else { return Corpus::Reject };
    let [library, a, b, operations] = *head;
    let seed = u64::from(u16::from_le_bytes([a, b]));
    let mut run = Run::quiet();
    let operations = usize::from(operations % 8) + 1;
    if library % 2 == 0 {
        zlib::exercise(&mut run, seed, &Guest::new(seed, zlib::PLAUSIBLE).script(script), zlib_inputs, operations);
    } else {
        png::exercise(&mut run, seed, &Guest::new(seed, png::PLAUSIBLE).script(script), png_inputs, operations);
    }
    run.verdict();
    Corpus::Keep
});
