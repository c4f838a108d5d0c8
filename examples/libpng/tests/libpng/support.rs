//! The test images, and a small generator of numbers.

use std::fs;
use std::path::{Path, PathBuf};

/// A test image.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// Tells whether this is one of the files that PngSuite broke on purpose.
    pub(crate) fn is_broken(&self) -> bool {
        self.name.starts_with('x')
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("EXAMPLE_LIBPNG_IMAGES")).join(name)
}

fn files(name: &str) -> Vec<File> {
    let mut files: Vec<File> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .map(|path| File { name: path.file_name().unwrap().to_str().unwrap().into(), bytes: fs::read(&path).unwrap() })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(files.len() > 20, "the test images are not there");
    files
}

/// All of PngSuite, the broken ones too.
pub(crate) fn suite() -> Vec<File> {
    files("images")
}

/// The images of PngSuite that are right.
pub(crate) fn valid() -> Vec<File> {
    suite().into_iter().filter(|file| !file.is_broken()).collect()
}

/// Files that crashed other decoders.
pub(crate) fn crashers() -> Vec<File> {
    files("crashers")
}

/// One image of PngSuite.
pub(crate) fn image(name: &str) -> Vec<u8> {
    fs::read(folder("images").join(name)).unwrap()
}

/// The folder of PngSuite.
pub(crate) fn suite_folder() -> PathBuf {
    folder("images")
}

/// SplitMix64: the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// Makes a PNG file of a header and chunks, with right checksums.
pub(crate) fn file_of(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        file.extend((data.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(*kind);
        file.extend(*data);
        let crc = crc32(&file[start..]);
        file.extend(crc.to_be_bytes());
    }
    file
}

/// Makes the data of an `IHDR` chunk.
pub(crate) fn header(width: u32, height: u32, depth: u8, color_type: u8, interlace: u8) -> Vec<u8> {
    let mut data = width.to_be_bytes().to_vec();
    data.extend(height.to_be_bytes());
    data.extend([depth, color_type, 0, 0, interlace]);
    data
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()));
    !bytes.iter().fold(!0, step)
}
