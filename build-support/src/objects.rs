//! What object files define.

use std::collections::HashSet;
use std::path::PathBuf;

use wasmparser::{BinaryReaderError, KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

/// The symbols of objects.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// What they define for others, without what gives way to another definition.
    pub(crate) defined: HashSet<String>,
    /// The variables that they use and do not define themselves.
    pub(crate) used_variables: HashSet<String>,
    /// Whether an object could not be read, as those of link-time optimisation, and so may define
    /// more.
    pub(crate) unknown: bool,
}

impl Symbols {
    /// Reads the symbols of objects. One that cannot be read, as those of link-time optimisation,
    /// has none that are known; the linker knows better.
    pub(crate) fn of<'a>(objects: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let mut symbols = Self::default();
        for object in objects {
            if let Ok(bytes) = std::fs::read(object) {
                symbols.unknown |= symbols.read(&bytes).is_err();
            }
        }
        symbols
    }

    fn read(&mut self, object: &[u8]) -> Result<(), BinaryReaderError> {
        for payload in Parser::new(0).parse_all(object) {
            let Payload::CustomSection(section) = payload? else { continue };
            let KnownCustom::Linking(linking) = section.as_known() else { continue };
            for part in linking.subsections() {
                let Linking::SymbolTable(table) = part? else { continue };
                for symbol in table {
                    match symbol? {
                        SymbolInfo::Data { flags, name, .. } if flags.contains(SymbolFlags::UNDEFINED) => {
                            self.used_variables.insert(name.to_owned());
                        }
                        SymbolInfo::Func { flags, name: Some(name), .. } | SymbolInfo::Data { flags, name, .. }
                            if !flags.intersects(SymbolFlags::UNDEFINED | SymbolFlags::BINDING_LOCAL | SymbolFlags::BINDING_WEAK) =>
                        {
                            self.defined.insert(name.to_owned());
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}
