//! What sandboxes take of memory.

use std::error::Error;
use std::fs;

use benches::{bench, data};
use example_libpng::{Image, PixelFormat, Png};
use sandbox::Sandbox;

/// Sandboxes that live at the same time.
const LIVE: u64 = 500;

/// Resident memory for each sandbox, in bytes.
pub(crate) struct Footprint {
    /// Of the smallest guest, which nothing was asked of.
    pub(crate) idle: u64,
    /// Of the same, after a call.
    pub(crate) called: u64,
    /// Of libpng, after a picture of 256 × 256 was decoded.
    pub(crate) libpng: u64,
}

pub(crate) fn measure() -> Result<Footprint, Box<dyn Error>> {
    let each = |make: &mut dyn FnMut() -> Result<Box<dyn std::any::Any>, Box<dyn Error>>| -> Result<u64, Box<dyn Error>> {
        // Once before: the module is loaded, and the allocator has what it needs.
        make()?;
        let before = resident()?;
        let live: Vec<_> = (0..LIVE).map(|_| make()).collect::<Result<_, _>>()?;
        let after = resident()?;
        drop(live);
        Ok(after.saturating_sub(before) / LIVE)
    };
    let idle = each(&mut || Ok(Box::new(Sandbox::<bench::Library>::new()?)))?;
    let called = each(&mut || {
        let mut sandbox = Sandbox::<bench::Library>::new()?;
        bench::bench_empty(&mut sandbox)?;
        Ok(Box::new(sandbox))
    })?;
    let [photo, ..] = data::pictures(256);
    let image = Image::new(256, 256, PixelFormat::Rgba8, photo.pixels).ok_or("a size that does not fit")?;
    let file = Png::new()?.encode(&image)?;
    let libpng = each(&mut || {
        let mut png = Png::new()?;
        png.decode(&file, PixelFormat::Rgba8)?;
        Ok(Box::new(png))
    })?;
    Ok(Footprint { idle, called, libpng })
}

/// Resident memory of this process, in bytes.
fn resident() -> Result<u64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).ok_or("no Rss in smaps_rollup")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
