//! Writes the table of lines that the runtime reads: `sandbox/src/lines.rs` says how it is laid out.

use crate::debug_info::{Lines, Row};

/// What the table begins with.
const MAGIC: &[u8; 8] = b"CLINES1\0";

/// So many rows are decoded at most to find one.
const BLOCK: usize = 128;

/// Writes a table.
pub(crate) fn write(lines: &Lines) -> Vec<u8> {
    let blocks = lines.rows.chunks(BLOCK);
    let mut table = MAGIC.to_vec();
    word(&mut table, lines.files.len());
    word(&mut table, blocks.len());
    let mut names = Vec::new();
    for file in &lines.files {
        names.extend_from_slice(file.as_bytes());
        word(&mut table, names.len());
    }
    let mut rows = Vec::new();
    for block in blocks {
        table.extend(block[0].address.to_le_bytes());
        block_of_rows(block, &mut rows);
        word(&mut table, rows.len());
    }
    table.extend(names);
    table.extend(rows);
    table
}

/// A table of more than 4 GiB would be of a module that is none.
fn word(table: &mut Vec<u8>, value: usize) {
    table.extend(u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

fn block_of_rows(block: &[Row], rows: &mut Vec<u8>) {
    let mut before = Row { address: block[0].address, file: None, line: 0 };
    for row in block {
        let moved = u64::from(row.address - before.address);
        let file_changes = row.file != before.file;
        number(rows, moved << 1 | u64::from(file_changes));
        if file_changes {
            number(rows, row.file.map_or(0, |file| file as u64 + 1));
        }
        let difference = i64::from(row.line) - i64::from(before.line);
        number(rows, (difference << 1 ^ difference >> 63) as u64);
        before = *row;
    }
}

/// Seven bits a byte, the lowest first; the eighth says that there are more.
fn number(rows: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        rows.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    rows.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table() {
        let row = |address, file, line| Row { address, file, line };
        let lines = Lines {
            files: vec!["a.c".to_owned(), "b.h".to_owned()],
            rows: vec![row(300, Some(0), 70), row(302, Some(1), 6), row(303, None, 0)],
        };
        let expected: &[&[u8]] = &[
            b"CLINES1\0",
            &[2, 0, 0, 0, 1, 0, 0, 0],
            &[3, 0, 0, 0, 6, 0, 0, 0],
            &[44, 1, 0, 0, 10, 0, 0, 0],
            b"a.cb.h",
            &[1, 1, 140, 1],
            &[5, 2, 127],
            &[3, 0, 11],
        ];
        assert_eq!(write(&lines), expected.concat());
    }
}
