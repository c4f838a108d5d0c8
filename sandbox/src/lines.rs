//! The table of line numbers, which says where in the C source each instruction comes from. `build-support/src/line_table.rs` writes it.
//!
//! It is embedded in the application as the module is, and as trusted. Still, nothing in it is relied on: where it is damaged, there is no line, or a wrong one.
//!
//! ```text
//! magic      "CLINES1\0"
//! files      u32: how many
//! blocks     u32: how many
//! files ×    u32: where the file's name ends in `names`; it starts where the one before ends
//! blocks ×   u32: the address of the block's first row
//!            u32: where the block ends in `rows`; it starts where the one before ends
//! names      UTF-8
//! rows       each of three numbers: 2 * (address - address of the row before) + 1 if the file is another;
//!                                   then the file, from 1, or 0 where there is none;
//!                                   line - line of the row before, 0 for "not known"
//! ```
//!
//! A `u32` is little-endian. A number in a row has seven bits a byte, the lowest first, and the eighth bit says that there are more; a difference of lines is zigzag-coded.
//! An address counts bytes from the start of the Wasm module. A row is good up to the next one. A block, of at most 128 rows, begins with the address in its entry, no file and line 0.

/// What the table begins with.
const MAGIC: &[u8; 8] = b"CLINES1\0";

/// A place in a C source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: &'static str,
    pub(crate) line: Option<u32>,
}

/// The table, or none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lines {
    /// Where each name ends.
    files: &'static [[u8; 4]],
    /// The first address of each block, and where it ends.
    blocks: &'static [[u8; 8]],
    names: &'static [u8],
    rows: &'static [u8],
}

impl Lines {
    pub(crate) fn new(table: &'static [u8]) -> Self {
        Self::read(table).unwrap_or_default()
    }

    fn read(table: &'static [u8]) -> Option<Self> {
        let rest = table.strip_prefix(MAGIC)?;
        let (files, rest) = rest.split_first_chunk()?;
        let (blocks, rest) = rest.split_first_chunk()?;
        let (files, rest) = rest.split_at_checked(number(files).checked_mul(4)?)?;
        let (blocks, rest) = rest.split_at_checked(number(blocks).checked_mul(8)?)?;
        let (files, _) = files.as_chunks();
        let (blocks, _) = blocks.as_chunks();
        let (names, rows) = rest.split_at_checked(files.last().map_or(0, number))?;
        Some(Self { files, blocks, names, rows })
    }

    /// Finds where the instruction at an address, in bytes from the start of the module, comes from.
    pub(crate) fn find(&self, address: u32) -> Option<Place> {
        let after = self.blocks.partition_point(|block| halves(block).0 <= address);
        let index = after.checked_sub(1)?;
        let (first, end) = halves(self.blocks.get(index)?);
        let start = index.checked_sub(1).and_then(|before| self.blocks.get(before)).map_or(0, |before| halves(before).1);
        let mut rows = self.rows.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?;
        let (mut now, mut file, mut line) = (u64::from(first), 0_u64, 0_i64);
        let mut found = None;
        while !rows.is_empty() {
            let moved = take(&mut rows)?;
            now = now.checked_add(moved >> 1)?;
            if now > u64::from(address) {
                break;
            }
            if moved & 1 == 1 {
                file = take(&mut rows)?;
            }
            line = line.checked_add(unzigzag(take(&mut rows)?))?;
            found = Some((file, line));
        }
        let (file, line) = found?;
        let file = self.name(usize::try_from(file.checked_sub(1)?).ok()?)?;
        Some(Place { file, line: u32::try_from(line).ok().filter(|line| *line > 0) })
    }

    fn name(&self, index: usize) -> Option<&'static str> {
        let end = number(self.files.get(index)?);
        let start = index.checked_sub(1).and_then(|before| self.files.get(before)).map_or(0, number);
        std::str::from_utf8(self.names.get(start..end)?).ok()
    }
}

fn number(bytes: &[u8; 4]) -> usize {
    usize::try_from(u32::from_le_bytes(*bytes)).unwrap_or(usize::MAX)
}

fn halves(entry: &[u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = *entry;
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

/// Takes a number off a row: seven bits a byte, and at most five bytes, which every number of a table fits in.
fn take(rows: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = rows.split_first()?;
        *rows = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn unzigzag(number: u64) -> i64 {
    let half = (number >> 1).cast_signed();
    if number & 1 == 1 { !half } else { half }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
mod tests {
    use super::*;

    /// Two blocks: a.c:70 at 300, b.h:6 at 302, nothing at 303; a.c:1 at 400, a.c without a line at 405. Written by hand, as the format is described above.
    fn table() -> Vec<u8> {
        let parts: [&[u8]; 10] = [
            b"CLINES1\0",
            &[2, 0, 0, 0, 2, 0, 0, 0],
            &[3, 0, 0, 0, 6, 0, 0, 0],
            &[44, 1, 0, 0, 10, 0, 0, 0],
            &[144, 1, 0, 0, 15, 0, 0, 0],
            b"a.cb.h",
            &[1, 1, 140, 1],
            &[5, 2, 127],
            &[3, 0, 11],
            &[1, 1, 2, 10, 1],
        ];
        parts.concat()
    }

    /// A table is part of a program for as long as that runs. Those of a test leak.
    fn find(table: &[u8], address: u32) -> Option<Place> {
        Lines::new(Box::leak(Box::from(table))).find(address)
    }

    #[test]
    fn a_row_is_good_up_to_the_next_one() {
        let (a, b) = (|line| Some(Place { file: "a.c", line }), Some(Place { file: "b.h", line: Some(6) }));
        let table = table();
        for (address, place) in [
            (0, None),
            (299, None),
            (300, a(Some(70))),
            (301, a(Some(70))),
            (302, b),
            (303, None),
            (399, None),
            (400, a(Some(1))),
            (404, a(Some(1))),
            (405, a(None)),
            (u32::MAX, a(None)),
        ] {
            assert_eq!(find(&table, address), place, "{address}");
        }
    }

    #[test]
    fn without_a_table_there_is_no_line() {
        for table in [&b""[..], b"CLINES1\0", b"CLINES1\0\0\0\0\0\0\0\0\0", b"CLINES2\0\0\0\0\0\0\0\0\0"] {
            assert_eq!(find(table, 300), None, "{table:?}");
        }
    }

    #[test]
    fn a_damaged_table_is_no_panic() {
        let good = table();
        let addresses = [0, 1, 299, 300, 301, 302, 303, 399, 400, 405, u32::MAX - 1, u32::MAX];
        let lines = |table: &[u8]| {
            for address in addresses {
                // A wrong answer is a name out of the table.
                assert!(find(table, address).is_none_or(|place| place.file.len() <= table.len()));
            }
        };
        for length in 0..good.len() {
            lines(&good[..length]);
        }
        for at in 0..good.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff, good[at] ^ 1, good[at].wrapping_add(1)] {
                let mut table = good.clone();
                table[at] = byte;
                lines(&table);
            }
        }
    }

    #[test]
    fn random_bytes_are_no_panic() {
        // xorshift64, so that a failure can be repeated.
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut found = 0;
        for _ in 0..20_000 {
            // Mostly small numbers in the header, so that not every table ends there, and then anything.
            let mut table = MAGIC.to_vec();
            let (files, blocks) = (random() % 4, random() % 4);
            table.extend((files as u32).to_le_bytes());
            table.extend((blocks as u32).to_le_bytes());
            for _ in 0..files + 2 * blocks {
                let number = if random() % 16 == 0 { random() } else { random() % 24 };
                table.extend((number as u32).to_le_bytes());
            }
            for _ in 0..random() % 64 {
                table.push(if random() % 2 == 0 { (random() % 8) as u8 } else { random() as u8 });
            }
            for address in [0, 3, random() as u32, u32::MAX] {
                found += u32::from(find(&table, address).is_some());
            }
        }
        assert!(found > 0, "none of them got as far as a name");
    }
}
