//! Measures what the checks in a guest's code cost: `cargo xtask metering`.
//!
//! The examples zlib and libpng run unchanged on their own WebAssembly, compiled with each kind of checks. A round takes each kind in turn, so that what else the machine does meets all of them alike;
//! the table has medians of the ratios to no checks within a round.

use std::env;
use std::error::Error;
use std::fs;

use cpu_time::ThreadTime;
use example_libpng::{Image, PixelFormat, Png};
use example_zlib::{Format, Level, Zlib};
use sandbox::{Library, Metering, SandboxModule};

const KINDS: [(&str, Metering); 4] = [
    ("nothing", Metering { interrupts: false, fuel: false }),
    ("interrupts", Metering { interrupts: true, fuel: false }),
    ("fuel", Metering { interrupts: false, fuel: true }),
    ("interrupts and fuel", Metering { interrupts: true, fuel: true }),
];

type Work = Box<dyn FnMut() -> f64>;

fn main() -> Result<(), Box<dyn Error>> {
    // Without a number of rounds it is one of the tests, and an argument says which of them are to run.
    let Ok(rounds) = env::args().nth(1).map_or(Ok(1), |rounds| rounds.parse::<usize>()) else { return Ok(()) };
    let (zlib, png) = (newest("example-zlib-", "out/sandbox/zlib/lib.wasm")?, newest("example-libpng-", "out/sandbox/png/lib.wasm")?);
    let mut kinds = Vec::new();
    for (_, metering) in KINDS {
        kinds.push(workloads(&zlib, &png, metering)?);
    }
    let names = ["zlib deflate, level 6", "zlib inflate", "zlib crc32", "libpng decode", "libpng encode"];
    println!("| | {} |\n|---|{}", KINDS.map(|(name, _)| name).join(" | "), "--:|".repeat(KINDS.len()));
    for (workload, name) in names.into_iter().enumerate() {
        let mut ratios = vec![Vec::new(); KINDS.len()];
        for _ in 0..rounds {
            let times: Vec<f64> = kinds.iter_mut().map(|works| works[workload]()).collect();
            for (ratios, time) in ratios.iter_mut().zip(&times) {
                ratios.push(time / times[0]);
            }
        }
        let columns: Vec<String> = ratios
            .iter_mut()
            .map(|ratios| {
                ratios.sort_by(f64::total_cmp);
                let at = |part: usize| ratios[(ratios.len() - 1) * part / 4];
                format!("{:.2} ({:.2} to {:.2})", at(2), at(1), at(3))
            })
            .collect();
        println!("| {name} | {} |", columns.join(" | "));
    }
    Ok(())
}

/// Reads the newest file of this kind that a build script of this target folder has written.
fn newest(package: &str, file: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let program = env::current_exe()?;
    let profile = program.ancestors().nth(2).ok_or("not in a target folder")?;
    let builds = fs::read_dir(profile.join("build"))?.filter_map(Result::ok);
    let files = builds.filter(|entry| entry.file_name().to_string_lossy().starts_with(package)).map(|entry| entry.path().join(file));
    let newest = files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file))).max();
    Ok(fs::read(newest.ok_or_else(|| format!("no {file} of {package}* was built"))?.1)?)
}

/// Makes the code of a kind the default, takes sandboxes of it, and returns the work to be timed.
fn workloads(zlib: &[u8], png: &[u8], metering: Metering) -> Result<[Work; 5], Box<dyn Error>> {
    install::<example_zlib::Library>(zlib, metering)?;
    install::<example_libpng::Library>(png, metering)?;
    let text: Vec<u8> = (0..1 << 20_u32)
        .flat_map(|n: u32| [b"to be or not to be"[(n % 18) as usize], (n.wrapping_mul(2_654_435_761) >> 29) as u8])
        .collect();
    let packed = Zlib::new()?.compress(&text, Format::Zlib, Level::DEFAULT)?;
    let pixels = (0..512 * 512 * 4_u32).map(|n| ((n % 2048) / 8) as u8 ^ (n.wrapping_mul(2_654_435_761) >> 30) as u8).collect();
    let image = Image::new(512, 512, PixelFormat::Rgba8, pixels).ok_or("no image")?;
    let file = Png::new()?.encode(&image)?;
    // Each keeps its sandbox: what is timed is the guest.
    let (mut a, mut b, mut c, mut d, mut e) = (Zlib::new()?, Zlib::new()?, Zlib::new()?, Png::new()?, Png::new()?);
    let (text1, text2) = (text.clone(), text);
    Ok([
        timed(move || a.compress(&text1, Format::Zlib, Level::DEFAULT).map(|packed| packed.len()).unwrap_or_default()),
        timed(move || b.decompress(&packed, Format::Zlib, 1 << 30).map(|text| text.len()).unwrap_or_default()),
        timed(move || c.crc32(&text2).map(|crc| crc as usize).unwrap_or_default()),
        timed(move || d.decode(&file, PixelFormat::Rgba8).map(|image| image.pixels().len()).unwrap_or_default()),
        timed(move || e.encode(&image).map(|file| file.len()).unwrap_or_default()),
    ])
}

fn install<L: Library>(wasm: &[u8], metering: Metering) -> sandbox::Result<()> {
    SandboxModule::<L>::from_wasm_metered(wasm, metering)?.make_default();
    Ok(())
}

/// Seconds of a processor that a run takes; one whose result is nothing has failed.
fn timed(mut work: impl FnMut() -> usize + 'static) -> Work {
    Box::new(move || {
        let began = ThreadTime::now();
        assert_ne!(work(), 0, "the work failed");
        began.elapsed().as_secs_f64()
    })
}
