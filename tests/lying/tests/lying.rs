//! The examples, unchanged, on libraries that lie. A few thousand operations each; `cargo xtask lying` does 200,000 (docs/hostile.md).

use std::env;

use lying_tests::{Guest, Run, png, zlib};

/// How many operations each library has: `LYING_OPERATIONS`, or what takes some seconds.
fn planned() -> u64 {
    env::var("LYING_OPERATIONS").ok().and_then(|number| number.parse().ok()).unwrap_or(2_000)
}

/// The first seed: `LYING_SEED`, to see again what a failure names.
fn first_seed() -> u64 {
    env::var("LYING_SEED").ok().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// On each guest. To make a guest costs as much as a hundred operations.
const OPERATIONS: usize = 100;

#[test]
fn nothing_that_zlib_answers_harms_its_host() {
    let inputs = zlib::Inputs::new();
    let mut run = Run::new("zlib", planned());
    for seed in first_seed().. {
        zlib::exercise(&mut run, seed, &zlib::guest(seed), &inputs, OPERATIONS);
        if !run.goes_on() {
            break;
        }
    }
    run.finish();
}

#[test]
fn nothing_that_libpng_answers_harms_its_host() {
    let inputs = png::Inputs::new();
    let mut run = Run::new("libpng", planned());
    for seed in first_seed().. {
        png::exercise(&mut run, seed, &Guest::new(seed, png::PLAUSIBLE), &inputs, OPERATIONS);
        if !run.goes_on() {
            break;
        }
    }
    run.finish();
}
