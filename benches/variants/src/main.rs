//! Compiles zlib and libpng for the sandbox in several ways, and measures each beside native code: `cargo xtask variants`.
//!
//! Data and tasks are in `driver.c`, so that a call of the host is a whole task. A round takes each variant in turn, so that what else the machine does meets all alike; the tables have medians of
//! the ratios within a round.
#![allow(unsafe_code, reason = "C without a sandbox, to compare with")]

mod guest;
mod instrument;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use guest::{Guest, Variant};

include!("sources.rs");

const TASKS: [&str; 6] = ["deflate", "inflate", "crc32", "adler32", "decode", "encode"];

// SAFETY: the declarations of driver.h. The functions are called on one thread.
unsafe extern "C" {
    safe fn driver_prepare() -> i32;
    safe fn driver_deflate() -> i32;
    safe fn driver_inflate() -> i32;
    safe fn driver_crc32() -> i32;
    safe fn driver_adler32() -> i32;
    safe fn driver_decode() -> i32;
    safe fn driver_encode() -> i32;
}

const NATIVE: [extern "C" fn() -> i32; 6] = [driver_deflate, driver_inflate, driver_crc32, driver_adler32, driver_decode, driver_encode];

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = env::args().nth(1).map_or(Ok(11), |rounds| rounds.parse())?;
    let only = env::args().nth(2).unwrap_or_default();
    let keep = env::args().nth(3).map(PathBuf::from);
    let all = guest::variants();
    let variants: Vec<&Variant> =
        all.iter().filter(|variant| only.split(',').any(|only| variant.name.contains(only)) || variant.name == "no checks").collect();
    let mut guests = Vec::new();
    for variant in &variants {
        match Guest::build(variant, keep.as_deref()) {
            Ok(guest) => guests.push((variant.name, guest)),
            Err(error) => eprintln!("{}: {error}", variant.name),
        }
    }
    if driver_prepare() == 0 {
        return Err("the driver could not prepare".into());
    }
    println!("| variant | {} | geometric mean | code |\n|---|{}", TASKS.join(" | "), "--:|".repeat(TASKS.len() + 2));
    let built_in: Vec<f64> = guests.iter().map(|(_, guest)| guest.built_in.as_secs_f64()).collect();
    let mut ratios: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for _ in 0..rounds {
        for (task, native) in NATIVE.iter().enumerate() {
            let base = seconds(|| Ok(native()))?;
            for (index, (_, guest)) in guests.iter_mut().enumerate() {
                let ratio = seconds(|| guest.run(task))? / base;
                ratios.entry((index, task)).or_default().push(ratio);
            }
        }
    }
    for (index, (name, guest)) in guests.iter().enumerate() {
        let medians: Vec<f64> = (0..TASKS.len())
            .map(|task| {
                let mut all = ratios.remove(&(index, task)).unwrap_or_default();
                all.sort_by(f64::total_cmp);
                all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
            })
            .collect();
        let mean = (medians.iter().map(|ratio| ratio.ln()).sum::<f64>() / medians.len() as f64).exp();
        let cells: Vec<String> = medians.iter().map(|ratio| format!("{ratio:.2}")).collect();
        println!("| {name} | {} | {mean:.3} | {} KiB |", cells.join(" | "), guest.code_bytes >> 10);
    }
    let (least, most) = built_in.iter().fold((f64::MAX, 0.0_f64), |(least, most), time| (least.min(*time), most.max(*time)));
    println!("\nBuilding zlib and libpng, from C to machine code, took {least:.1} to {most:.1} s.");
    Ok(())
}

/// The time of a task, which has to succeed; the best of three.
fn seconds(mut task: impl FnMut() -> Result<i32, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut best = f64::MAX;
    for _ in 0..3 {
        let begin = Instant::now();
        if task()? == 0 {
            return Err("a task failed".into());
        }
        best = best.min(begin.elapsed().as_secs_f64());
    }
    Ok(best)
}
