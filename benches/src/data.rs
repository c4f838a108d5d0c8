//! Data: text, machine code, and what looks like nothing.

/// The name of each kind of data and some megabytes of it.
#[must_use]
pub fn kinds() -> [(&'static str, Vec<u8>); 3] {
    [("text", text()), ("binary", binary()), ("random", random(1 << 20))]
}

/// An XML document of 2.7 MB.
///
/// # Panics
///
/// If cargo has removed it since the build.
#[must_use]
pub fn text() -> Vec<u8> {
    std::fs::read(env!("BENCH_DOCUMENT")).expect("the document is in a package that cargo has fetched")
}

/// The machine code of this program, 2 MiB of it.
fn binary() -> Vec<u8> {
    let mut bytes = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
    bytes.truncate(2 << 20);
    bytes
}

/// Random bytes, always the same.
#[must_use]
pub fn random(count: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(1);
    (0..count).map(|_| random.u8(..)).collect()
}

/// Pixels, four bytes each.
pub struct Picture {
    /// "photo", "drawing" or "palette".
    pub kind: &'static str,
    /// Width and height.
    pub size: u32,
    /// RGBA.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Returns the pixels without alpha, which is 255 in all of them: what an encoder gets.
    #[must_use]
    pub fn rgb(&self) -> Vec<u8> {
        self.pixels.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
    }
}

/// Makes pictures of a size: one with noise and slopes in all its colours as a photo has, one of flat areas and edges, and one of 16 colours.
#[must_use]
pub fn pictures(size: u32) -> [Picture; 3] {
    let mut random = fastrand::Rng::with_seed(2);
    let mut paint = |kind, color: &mut dyn FnMut(u32, u32, &mut fastrand::Rng) -> [u8; 3]| {
        let mut pixels = Vec::with_capacity(size as usize * size as usize * 4);
        for y in 0..size {
            for x in 0..size {
                let [r, g, b] = color(x, y, &mut random);
                pixels.extend([r, g, b, 255]);
            }
        }
        Picture { kind, size, pixels }
    };
    let wave = |at: u32, length: f32| ((at as f32 / length).sin() * 0.5 + 0.5) * 220.0;
    [
        paint("photo", &mut |x, y, random| {
            let noise = random.f32() * 12.0;
            let light = wave(x + y / 2, 97.0) * 0.5 + wave(y, 61.0) * 0.5;
            [(light + noise) as u8, (wave(x, 45.0) * 0.7 + noise) as u8, (wave(x * 2 + y, 150.0) * 0.9 + noise) as u8]
        }),
        paint("drawing", &mut |x, y, _| {
            let circle = (x % 128).abs_diff(64).pow(2) + (y % 128).abs_diff(64).pow(2);
            if circle < 1600 {
                [200, 40, 40]
            } else if x % 64 == 0 || y % 64 == 0 {
                [0, 0, 0]
            } else {
                [250, 250, 240]
            }
        }),
        paint("palette", &mut |x, y, random| {
            let shade = ((x / 16 + y / 16) % 12 + random.u32(0..4)) as u8;
            [shade * 16, 255 - shade * 16, 128]
        }),
    ]
}

/// Writes a picture as an interlaced PNG file. (PNG specification, section 8.2: Adam7.)
///
/// # Panics
///
/// If there is no memory.
#[must_use]
pub fn interlaced(picture: &Picture) -> Vec<u8> {
    const PASSES: [[u32; 4]; 7] = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    let mut rows = Vec::new();
    for [left, top, right, down] in PASSES {
        for y in (top..picture.size).step_by(down as usize) {
            if left < picture.size {
                // No filter.
                rows.push(0);
            }
            for x in (left..picture.size).step_by(right as usize) {
                let at = (y as usize * picture.size as usize + x as usize) * 4;
                rows.extend_from_slice(&picture.pixels[at..at + 4]);
            }
        }
    }
    let size = picture.size.to_be_bytes();
    let mut header = [size, size].concat();
    // Eight bits, RGBA, deflate, the usual filters, interlaced.
    header.extend([8, 6, 0, 0, 1]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", header), (b"IDAT", crate::native::deflate(&rows, 6)), (b"IEND", Vec::new())] {
        let body = [&name[..], &data].concat();
        file.extend(u32::try_from(data.len()).expect("small").to_be_bytes());
        file.extend(&body);
        file.extend(crate::native::crc32(&body).to_be_bytes());
    }
    file
}
