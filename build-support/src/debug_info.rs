//! The debug information of a linked module: taken out of it, and read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gimli::{DwarfSections, EndianSlice, LittleEndian, SectionId};
use wasmparser::{BinaryReaderError, Parser, Payload};

use crate::folders::Folders;

/// A linked module, and its debug information apart.
#[derive(Debug)]
pub(crate) struct Separated<'a> {
    /// The module without debug information. Every other section is there byte for byte.
    pub(crate) module: Vec<u8>,
    /// Where the contents of the code section start in it. DWARF counts from there, wasmtime from the start of the module.
    code: u64,
    sections: HashMap<&'a str, &'a [u8]>,
}

/// From an instruction on, up to the next row, the code comes from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where the instruction is, in bytes from the start of the module.
    pub(crate) address: u32,
    /// The number of the file; `None` between functions.
    pub(crate) file: Option<usize>,
    /// The line; 0 where the compiler names none.
    pub(crate) line: u32,
}

/// The lines of a module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// The names of the files.
    pub(crate) files: Vec<String>,
    /// Sorted by their addresses, and each says something else than the one before.
    pub(crate) rows: Vec<Row>,
}

impl<'a> Separated<'a> {
    pub(crate) fn new(linked: &'a [u8]) -> Result<Self, BinaryReaderError> {
        // The magic number and the version come before the first section.
        let mut end = 8;
        let mut module = linked.get(..end).unwrap_or_default().to_owned();
        let mut code = 0;
        let mut sections = HashMap::new();
        for payload in Parser::new(0).parse_all(linked) {
            let payload = payload?;
            let Some((_, contents)) = payload.as_section() else { continue };
            let whole = end..contents.end;
            end = contents.end;
            if let Payload::CustomSection(section) = &payload
                && section.name().starts_with(".debug_")
            {
                sections.insert(section.name(), section.data());
                continue;
            }
            if matches!(payload, Payload::CodeSectionStart { .. }) {
                code = (module.len() + contents.start - whole.start) as u64;
            }
            module.extend_from_slice(&linked[whole]);
        }
        Ok(Self { module, code, sections })
    }

    /// Reads the line of each instruction.
    pub(crate) fn lines(&self, folders: &Folders) -> Result<Lines, gimli::Error> {
        let load = |id: SectionId| Ok::<_, gimli::Error>(self.sections.get(id.name()).copied().unwrap_or_default());
        let sections = DwarfSections::load(load)?;
        let dwarf = sections.borrow(|section| EndianSlice::new(section, LittleEndian));
        let mut lines = Lines::default();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut units = dwarf.units();
        while let Some(header) = units.next()? {
            let unit = dwarf.unit(header)?;
            let Some(program) = unit.line_program.clone() else { continue };
            let text = |value| dwarf.attr_string(&unit, value).map(|text| text.to_string_lossy().into_owned());
            let mut known: HashMap<u64, Option<usize>> = HashMap::new();
            let mut rows = program.rows();
            while let Some((header, row)) = rows.next_row()? {
                let Some(address) = row.address().checked_add(self.code).and_then(|address| u32::try_from(address).ok()) else { continue };
                if row.end_sequence() {
                    lines.rows.push(Row { address, file: None, line: 0 });
                    continue;
                }
                let file = match known.get(&row.file_index()) {
                    Some(file) => *file,
                    None => {
                        let number = row.file(header).map(|file| -> Result<usize, gimli::Error> {
                            let mut path =
                                PathBuf::from(unit.comp_dir.map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default());
                            if let Some(folder) = file.directory(header) {
                                path.push(text(folder)?);
                            }
                            path.push(text(file.path_name())?);
                            let name = folders.name(Path::new(&path));
                            Ok(*numbers.entry(name).or_insert_with_key(|name| {
                                lines.files.push(name.clone());
                                lines.files.len() - 1
                            }))
                        });
                        let number = number.transpose()?;
                        known.insert(row.file_index(), number);
                        number
                    }
                };
                let line = row.line().and_then(|line| u32::try_from(line.get()).ok()).unwrap_or(0);
                lines.rows.push(Row { address, file, line });
            }
        }
        lines.tidy();
        Ok(lines)
    }
}

impl Lines {
    /// Sorts the rows, and drops those that say nothing.
    pub(crate) fn tidy(&mut self) {
        // Where a function ends, the next one may begin: what begins there comes last, and counts.
        self.rows.sort_by_key(|row| (row.address, row.file.is_some()));
        let mut rows: Vec<Row> = Vec::with_capacity(self.rows.len());
        for row in self.rows.drain(..) {
            while rows.last().is_some_and(|last| last.address == row.address) {
                rows.pop();
            }
            if rows.last().map_or((None, 0), |last| (last.file, last.line)) != (row.file, row.line) {
                rows.push(row);
            }
        }
        self.rows = rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_say_something_new() {
        let row = |address, file, line| Row { address, file, line };
        let mut lines = Lines {
            files: Vec::new(),
            rows: vec![
                row(30, Some(1), 7),
                row(40, None, 0),
                row(10, Some(0), 1),
                row(10, Some(0), 2),
                row(12, Some(0), 2),
                row(30, None, 0),
                row(50, None, 0),
            ],
        };
        lines.tidy();
        assert_eq!(lines.rows, [row(10, Some(0), 2), row(30, Some(1), 7), row(40, None, 0)]);
    }

    #[test]
    fn a_module_keeps_everything_but_its_debug_information() {
        let mut linked = b"\0asm\x01\0\0\0".to_vec();
        let custom = |name: &str, data: &[u8]| {
            let mut section = vec![0, (name.len() + data.len() + 1) as u8, name.len() as u8];
            section.extend_from_slice(name.as_bytes());
            section.extend_from_slice(data);
            section
        };
        linked.extend(custom("name", b"abc"));
        // A size in more bytes than it needs, as linkers write it.
        linked.extend([10, 0x81, 0x80, 0x80, 0x80, 0x00, 0]);
        let before = linked.clone();
        linked.extend(custom(".debug_line", b"line"));
        let end = custom("producers", b"end");
        linked.extend(&end);
        let separated = Separated::new(&linked).unwrap();
        assert_eq!(separated.module, [before.clone(), end].concat());
        assert_eq!(separated.code, before.len() as u64 - 1);
        assert_eq!(separated.sections[".debug_line"], b"line");
    }
}
