//! Lines whose columns stand below each other.

use std::io::{self, Write};

/// The widest that a column becomes for the sake of one long cell.
const WIDEST: usize = 48;

/// Which side of a column is even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Writes rows, two spaces in and two between columns. What comes after the last column is not padded.
pub(super) fn write<const N: usize>(out: &mut dyn Write, align: [Align; N], rows: &[[String; N]]) -> io::Result<()> {
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let mut line = String::from(" ");
        for ((cell, width), align) in row.iter().zip(widths).zip(align) {
            line.push_str(&match align {
                Align::Left => format!(" {cell:<width$} "),
                Align::Right => format!(" {cell:>width$} "),
            });
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes a number with a comma between thousands.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes how much a number has changed.
pub(super) fn change(old: u64, new: u64) -> String {
    format!("{}{}", if new >= old { '+' } else { '-' }, number(new.abs_diff(old)))
}

/// Writes a count of things.
pub(super) fn count(count: usize, thing: &str) -> String {
    format!("{} {thing}{}", number(count as u64), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut out = Vec::new();
        let rows = [["a".to_owned(), "1".to_owned(), "x".to_owned()], ["bcd".to_owned(), "1,000".to_owned(), String::new()]];
        write(&mut out, [Align::Left, Align::Right, Align::Left], &rows).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "  a        1  x\n  bcd  1,000\n");
    }

    #[test]
    fn numbers_have_separators_and_changes_a_sign() {
        let shown = [0, 999, 1_000, 1_048_576, u64::MAX].map(number);
        assert_eq!(shown, ["0", "999", "1,000", "1,048,576", "18,446,744,073,709,551,615"]);
        assert_eq!([change(1, 1_001), change(1_001, 1), change(5, 5)], ["+1,000", "-1,000", "+0"]);
    }
}
