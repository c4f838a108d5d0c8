//! A stream of any length passes in constant memory, on the host and in the guest.
//!
//! A test binary of its own: other tests in the same process would show in its memory.
//!
//! ```sh
//! cargo test --release -p example-zlib --test memory -- --ignored --nocapture      # 2 GiB
//! ```

use std::io::{self, BufRead, Read, Write};
use std::time::Instant;

use example_zlib::{Decoder, Encoder, Format, Level};

const BLOCK: usize = 64 << 10;

/// Gives `left` bytes, of which every block is different, compresses by about a half, and costs little to make.
struct Generator {
    template: Vec<u8>,
    block: u64,
    at: usize,
    left: u64,
}

impl Generator {
    fn new(length: u64) -> Self {
        let mut state = 1_u64;
        let mut template = Vec::with_capacity(2 * BLOCK);
        while template.len() < 2 * BLOCK {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let word = (state >> 33).to_le_bytes();
            template.extend_from_slice(if state >> 60 < 6 { &word[..5] } else { b"the guest " });
        }
        template.truncate(2 * BLOCK);
        Self { template, block: 0, at: 0, left: length }
    }

    fn current(&mut self) -> &[u8] {
        if self.at == BLOCK {
            (self.at, self.block) = (0, self.block + 1);
            for place in self.template.chunks_mut(4096) {
                place[..8].copy_from_slice(&self.block.to_le_bytes());
            }
        }
        // Each block starts elsewhere in the template.
        let start = usize::try_from(self.block * 977).unwrap_or(0) % BLOCK;
        let end = (BLOCK - self.at).min(usize::try_from(self.left).unwrap_or(BLOCK));
        &self.template[start + self.at..start + self.at + end]
    }

    fn advance(&mut self, count: usize) {
        self.at += count;
        self.left -= count as u64;
    }
}

/// Compresses while it is read, so that an encoder and a decoder fit together without a thread or a file.
struct Compressing {
    source: Generator,
    encoder: Encoder<Vec<u8>>,
    given: usize,
}

impl Read for Compressing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.encoder.get_ref().len() {
            self.encoder.get_mut().clear();
            self.given = 0;
            let piece = self.source.current();
            if piece.is_empty() {
                self.encoder.try_finish()?;
                break;
            }
            let count = self.encoder.write(piece)?;
            self.source.advance(count);
        }
        let count = (&self.encoder.get_ref()[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// Returns the largest part of the host's memory that this process ever had, in bytes; nothing where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}

fn pass(length: u64) {
    const WARM: u64 = 8 << 20;
    let start = Instant::now();
    let mut expected = Generator::new(length);
    let encoder = Encoder::new(Vec::new(), Format::Gzip, Level::FAST).unwrap();
    let source = Compressing { source: Generator::new(length), encoder, given: 0 };
    let mut decoder = Decoder::new(source, Format::Gzip, length).unwrap();
    let (mut passed, mut warm) = (0, None);
    loop {
        let mut data = decoder.fill_buf().unwrap();
        if data.is_empty() {
            break;
        }
        let count = data.len();
        while !data.is_empty() {
            let piece = expected.current();
            let common = piece.len().min(data.len());
            assert!(common > 0 && piece[..common] == data[..common], "something else came back after {passed} bytes");
            expected.advance(common);
            data = &data[common..];
        }
        decoder.consume(count);
        passed += count as u64;
        if warm.is_none() && passed > WARM {
            let guests = (decoder.get_ref().encoder.zlib().guest_memory().unwrap(), decoder.zlib().guest_memory().unwrap());
            warm = Some((guests, peak()));
        }
    }
    assert_eq!(passed, length);
    let (guests, host) = warm.unwrap();
    let encoder = &decoder.get_ref().encoder;
    assert_eq!(guests, (encoder.zlib().guest_memory().unwrap(), decoder.zlib().guest_memory().unwrap()), "the guests grew");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} MiB in {seconds:.1} s ({:.0} MiB/s there and back), compressed to {} MiB; guests have {} and {} KiB",
        length >> 20,
        (length >> 20) as f64 / seconds,
        decoder.total_in() >> 20,
        guests.0 >> 10,
        guests.1 >> 10
    );
    if let (Some(before), Some(after)) = (host, peak()) {
        println!("peak of host memory: {} KiB after {} MiB, {} KiB at the end", before >> 10, WARM >> 20, after >> 10);
        // The kernel counts in batches, so that the later number can even be smaller.
        assert!(after.saturating_sub(before) < 1 << 20, "the host's memory grew from {before} to {after} bytes");
    }
}

#[test]
fn sixty_four_mebibytes_pass_in_constant_memory() {
    pass(64 << 20);
}

#[test]
#[ignore = "takes a minute: cargo test --release -p example-zlib --test memory -- --ignored --nocapture"]
fn two_gibibytes_pass_in_constant_memory() {
    pass(2 << 30);
}
