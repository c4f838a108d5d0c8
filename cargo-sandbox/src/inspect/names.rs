//! Names out of a module: read, demangled, and shown so that each is told from every other.

use std::fmt;

use wasmparser::{KnownCustom, Name, NameSectionReader};

/// How much of a name is shown, in characters.
const SHOWN: usize = 200;
/// The longest symbol that is demangled, in bytes.
const MANGLED: usize = 1_000;

/// Makes a line of what a module or a library says of itself: only ASCII stays as it is.
///
/// A letter of another alphabet can look like an ASCII one, and an import must not look like another import.
pub(super) fn printable(text: &str) -> String {
    let mut line = String::new();
    for (count, char) in text.chars().enumerate() {
        if count == SHOWN {
            line.push('…');
            break;
        }
        match char {
            ' '..='[' | ']'..='~' => line.push(char),
            _ => line.extend(char.escape_unicode()),
        }
    }
    line
}

/// Shows the symbol of a function: one of C++ as its source has it. The linker may have done that already, so that it has spaces.
pub(super) fn shown(symbol: &str) -> String {
    demangled(symbol).map_or_else(|| printable(symbol), |name| printable(&name))
}

/// Shows the name of an import or export as the module has it.
pub(super) fn plain(name: &str) -> String {
    // A space at the end would not be seen.
    printable(name).replace(' ', "\\u{20}")
}

/// Gives the C++ name of a symbol, if it is one.
pub(super) fn demangled(symbol: &str) -> Option<String> {
    if !symbol.starts_with("_Z") || symbol.len() > MANGLED {
        return None;
    }
    let parsed = cpp_demangle::Symbol::new(symbol).ok()?;
    let mut name = Bounded(String::new());
    parsed.structured_demangle(&mut name, &cpp_demangle::DemangleOptions::new()).ok()?;
    Some(name.0)
}

/// A short symbol can stand for a name without end.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len().saturating_add(text.len()) > 4 * MANGLED {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// The names that the `name` section gives to functions and globals, by index.
#[derive(Default)]
pub(super) struct Names<'a> {
    pub functions: Vec<(u32, &'a str)>,
    pub globals: Vec<(u32, &'a str)>,
}

impl<'a> Names<'a> {
    /// Reads what can be read: a module is valid whatever this section says.
    pub(super) fn read(&mut self, section: KnownCustom<'a>) {
        if let KnownCustom::Name(section) = section {
            // What comes before the mistake stays.
            let _ = self.read_section(section);
        }
    }

    fn read_section(&mut self, section: NameSectionReader<'a>) -> Result<(), wasmparser::BinaryReaderError> {
        for part in section {
            let (map, names) = match part? {
                Name::Function(map) => (map, &mut self.functions),
                Name::Global(map) => (map, &mut self.globals),
                _ => continue,
            };
            for naming in map {
                let naming = naming?;
                names.push((naming.index, naming.name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpp_name_is_shown_as_in_its_source() {
        assert_eq!(shown("_ZN6snappy10UncompressEPKcm"), "snappy::Uncompress(char const*, unsigned long)");
        assert_eq!(shown("_Znot_a_symbol"), "_Znot_a_symbol");
    }

    #[test]
    fn names_that_look_alike_do_not_when_shown() {
        assert_eq!(plain("fd_writ\u{435}"), "fd_writ\\u{435}");
        assert_eq!(plain("fd_write "), "fd_write\\u{20}");
        assert_eq!(shown("a\u{1b}[2J\n\\b"), "a\\u{1b}[2J\\u{a}\\u{5c}b");
        assert_eq!(shown(&"x".repeat(5_000)).chars().count(), SHOWN + 1);
    }

    #[test]
    fn a_symbol_that_stands_for_a_name_without_end_stays_as_it_is() {
        // Each parameter is a function of the one before it, twice.
        let symbol = format!(
            "_Z1f{}",
            (0..60).fold("i".to_owned(), |text, level| {
                let last = match level {
                    0 => "i".to_owned(),
                    1 => "S_".to_owned(),
                    level => format!("S{}_", base36(level - 2)),
                };
                format!("{text}PFv{last}{last}E")
            })
        );
        assert!(demangled(&symbol).is_none_or(|name| name.len() <= 4 * MANGLED));
    }

    fn base36(number: usize) -> String {
        let digit = |digit: usize| char::from_digit(u32::try_from(digit).unwrap(), 36).unwrap().to_ascii_uppercase();
        if number < 36 { digit(number).to_string() } else { format!("{}{}", digit(number / 36), digit(number % 36)) }
    }
}
