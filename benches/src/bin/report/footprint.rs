//! What sandboxes take of memory.

use std::any::Any;
use std::error::Error;
use std::process::{Command, Stdio};
use std::{env, fs};

use benches::{bench, data};
use example_libpng::{Image, PixelFormat, Png};
use sandbox::Sandbox;

/// Sandboxes that live at the same time.
pub(crate) const LIVE: u64 = 500;

/// Measures in another process: what sandboxes leave in their slots would be counted for the next.
pub(crate) fn in_a_process_of_its_own(guest: &str) -> Result<u64, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?).args(["footprint", guest]).stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Returns the resident memory for each sandbox, in bytes: `idle` ones of the smallest guest, the same after a call, or libpng's after a picture was decoded.
pub(crate) fn measure(guest: &str) -> Result<u64, Box<dyn Error>> {
    let [photo, ..] = data::pictures(256);
    let image = Image::new(256, 256, PixelFormat::Rgba8, photo.pixels).ok_or("a size that does not fit")?;
    let file = Png::new()?.encode(&image)?;
    let make = || -> Result<Box<dyn Any>, Box<dyn Error>> {
        Ok(match guest {
            "libpng" => {
                let mut png = Png::new()?;
                png.decode(&file, PixelFormat::Rgba8)?;
                Box::new(png)
            }
            _ => {
                let mut sandbox = Sandbox::<bench::Library>::new()?;
                if guest == "called" {
                    bench::bench_empty(&mut sandbox)?;
                }
                Box::new(sandbox)
            }
        })
    };
    // The first is not counted: with it the module is loaded.
    let first = make()?;
    let before = resident()?;
    let live = (0..LIVE).map(|_| make()).collect::<Result<Vec<_>, _>>()?;
    let after = resident()?;
    drop((first, live));
    Ok(after.saturating_sub(before) / LIVE)
}

/// Resident memory of this process, in bytes.
fn resident() -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).ok_or("no Rss in smaps_rollup")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
