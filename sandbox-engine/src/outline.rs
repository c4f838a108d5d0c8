//! What can be said of a module before it is compiled: how much there is to do, and what of its
//! state a snapshot would miss.

use std::collections::HashSet;
use std::ops::Range;

use wasmparser::{
    BinaryReaderError, BlockType, Catch, CompositeInnerType, Export, ExternalKind, FuncType, Operator, Parser, Payload, TypeRef,
};

use crate::UNSAVED_STATE;

/// A module in numbers.
///
/// # Examples
///
/// ```
/// let nothing = sandbox_engine::Outline::of(b"\0asm\x01\0\0\0")?;
/// assert_eq!((nothing.functions, nothing.data_bytes), (0, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Functions that it defines.
    pub functions: u64,
    /// Bytes of the longest of them.
    pub longest_function: u64,
    /// Bytes of static data.
    pub data_bytes: u64,
    /// Values that the compiler has to keep apart at most: local variables, what calls, blocks and
    /// jumps take and return, and where exceptions are caught. Two bytes can stand for a thousand
    /// of them.
    pub values: u64,
    /// Types, imports, tables, global variables, exports, tags and segments.
    pub declarations: u64,
    /// Global variables that code can change, and that are not exported, by their index.
    hidden_globals: Vec<u32>,
    /// Whether code changes state that no snapshot holds, and nothing says so yet.
    unsaved: bool,
    /// Where the list of exports is, its length in bytes included, and how many there are.
    exports: Option<(Range<usize>, u32)>,
}

impl Outline {
    /// Reads a module. It need not be valid: what is wrong with it the compiler says.
    ///
    /// # Errors
    ///
    /// If it cannot be read as a module.
    pub fn of(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut reader = Reader::default();
        for payload in Parser::new(0).parse_all(wasm) {
            reader.read(payload?)?;
        }
        Ok(reader.finish())
    }

    /// Returns the module with an export for each part of its state that a snapshot has to know of,
    /// if it has any that is not exported.
    ///
    /// # Examples
    ///
    /// ```
    /// let wasm = b"\0asm\x01\0\0\0";
    /// assert!(sandbox_engine::Outline::of(wasm)?.with_state_exported(wasm).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_state_exported(&self, wasm: &[u8]) -> Option<Vec<u8>> {
        let (section, count) = self.exports.clone()?;
        let mut added = Vec::new();
        let mut more = 0_u32;
        let mut add = |name: &str, kind: u8, index: u32| {
            unsigned(u32::try_from(name.len()).unwrap_or(u32::MAX), &mut added);
            added.extend_from_slice(name.as_bytes());
            added.push(kind);
            unsigned(index, &mut added);
            more += 1;
        };
        for &global in &self.hidden_globals {
            add(&format!("sandbox.state.global.{global}"), 3, global);
        }
        if self.unsaved {
            // An export has to be of something: a module without a memory is refused anyway.
            add(UNSAVED_STATE, 2, 0);
        }
        if more == 0 {
            return None;
        }
        let old = wasm.get(section.clone())?;
        let entries = old.get(length_of_number(old)..)?;
        let mut body = Vec::new();
        unsigned(count.checked_add(more)?, &mut body);
        body.extend_from_slice(entries);
        body.extend_from_slice(&added);
        // The section's own length stands right before it, in as many bytes as its writer liked.
        // All but the last have the highest bit, which the section's number before them has not.
        let (_, before) = wasm.get(..section.start)?.split_last()?;
        let more = before.iter().rev().take_while(|byte| **byte & 0x80 != 0).count();
        let mut new = before.get(..before.len().checked_sub(more)?)?.to_vec();
        unsigned(u32::try_from(body.len()).ok()?, &mut new);
        new.extend_from_slice(&body);
        new.extend_from_slice(wasm.get(section.end..)?);
        Some(new)
    }
}

/// Appends a number as modules have it (LEB128).
fn unsigned(mut number: u32, to: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            to.push(low);
            return;
        }
        to.push(low | 0x80);
    }
}

/// Returns how many bytes the number at the beginning takes.
fn length_of_number(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte & 0x80 != 0).count().saturating_add(1)
}

/// What was read so far.
#[derive(Default)]
struct Reader {
    outline: Outline,
    /// How many values each type of a function takes and returns, and which type each function has.
    types: Vec<u64>,
    functions: Vec<u32>,
    globals: u32,
    memories: u64,
    changeable: Vec<u32>,
    exported: HashSet<u32>,
    unsaved: bool,
    unsaved_is_known: bool,
    /// How many function bodies were read, and how many of the functions are imported.
    bodies: usize,
    imported: usize,
    tags: Vec<u32>,
    /// In the body that is read: the most values of a label, the blocks that are open, each with
    /// the handlers in it, and their sum.
    widest: u64,
    blocks: Vec<u64>,
    handlers: u64,
}

impl Reader {
    fn read(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(section) => {
                self.declare(section.count());
                for group in section {
                    self.types.extend(group?.types().map(|ty| match &ty.composite_type.inner {
                        CompositeInnerType::Func(ty) => values(ty),
                        _ => 0,
                    }));
                }
            }
            Payload::ImportSection(section) => {
                self.declare(section.count());
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Tag(tag) => self.tags.push(tag.func_type_idx),
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.functions.push(ty),
                        TypeRef::Global(_) => self.globals = self.globals.saturating_add(1),
                        TypeRef::Memory(_) => self.memories = self.memories.saturating_add(1),
                        _ => {}
                    }
                }
            }
            Payload::TagSection(section) => {
                self.declare(section.count());
                for tag in section {
                    self.tags.push(tag?.func_type_idx);
                }
            }
            Payload::ElementSection(section) => self.declare(section.count()),
            Payload::FunctionSection(section) => {
                self.imported = self.functions.len();
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => self.declare(section.count()),
            Payload::MemorySection(section) => self.memories = self.memories.saturating_add(section.count().into()),
            Payload::GlobalSection(section) => {
                self.declare(section.count());
                for global in section {
                    if global?.ty.mutable {
                        self.changeable.push(self.globals);
                    }
                    self.globals = self.globals.saturating_add(1);
                }
            }
            Payload::ExportSection(section) => {
                self.declare(section.count());
                self.outline.exports = Some((section.range(), section.count()));
                for export in section {
                    match export? {
                        Export { kind: ExternalKind::Global, index, .. } => drop(self.exported.insert(index)),
                        Export { name: UNSAVED_STATE, .. } => self.unsaved_is_known = true,
                        _ => {}
                    }
                }
            }
            Payload::DataSection(section) => {
                self.declare(section.count());
                for segment in section {
                    let bytes = u64::try_from(segment?.data.len()).unwrap_or(u64::MAX);
                    self.outline.data_bytes = self.outline.data_bytes.saturating_add(bytes);
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.outline.functions = self.outline.functions.saturating_add(1);
                let bytes = u64::try_from(body.range().len()).unwrap_or(u64::MAX);
                self.outline.longest_function = self.outline.longest_function.max(bytes);
                let ty = self.functions.get(self.imported.saturating_add(self.bodies)).copied();
                self.bodies = self.bodies.saturating_add(1);
                self.widest = ty.map_or(0, |ty| self.values_of(ty));
                self.count(self.widest);
                (self.blocks, self.handlers) = (Vec::new(), 0);
                for locals in body.get_locals_reader()? {
                    self.count(locals?.0.into());
                }
                for operator in body.get_operators_reader()? {
                    self.operator(&operator?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn operator(&mut self, operator: &Operator<'_>) {
        match operator {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => self.open(*blockty, 0),
            Operator::TryTable { try_table } => {
                let mut handlers = 0_u64;
                for catch in &try_table.catches {
                    let tag = match catch {
                        Catch::One { tag, .. } | Catch::OneRef { tag, .. } => usize::try_from(*tag).ok(),
                        Catch::All { .. } | Catch::AllRef { .. } => None,
                    };
                    let ty = tag.and_then(|tag| self.tags.get(tag)).copied();
                    self.count(ty.map_or(0, |ty| self.values_of(ty)).saturating_add(self.widest));
                    handlers = handlers.saturating_add(1);
                }
                self.open(try_table.ty, handlers);
            }
            Operator::End => self.handlers = self.handlers.saturating_sub(self.blocks.pop().unwrap_or_default()),
            // Each call knows all handlers around it.
            Operator::Call { function_index } => {
                let ty = usize::try_from(*function_index).ok().and_then(|index| self.functions.get(index)).copied();
                self.count(ty.map_or(0, |ty| self.values_of(ty)).saturating_add(self.handlers));
            }
            Operator::CallIndirect { type_index, .. } => self.count(self.values_of(*type_index).saturating_add(self.handlers)),
            Operator::Throw { tag_index } => {
                let ty = usize::try_from(*tag_index).ok().and_then(|tag| self.tags.get(tag)).copied();
                self.count(ty.map_or(0, |ty| self.values_of(ty)).saturating_add(self.handlers));
            }
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::Return | Operator::Else => self.count(self.widest),
            Operator::BrTable { targets } => self.count(self.widest.saturating_mul(u64::from(targets.len()).saturating_add(1))),
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::DataDrop { .. }
            | Operator::ElemDrop { .. } => self.unsaved = true,
            _ => {}
        }
    }

    /// A block begins, with so many handlers of exceptions.
    fn open(&mut self, ty: BlockType, handlers: u64) {
        let values = match ty {
            BlockType::Empty => 0,
            BlockType::Type(_) => 1,
            BlockType::FuncType(ty) => self.values_of(ty),
        };
        self.count(values);
        self.widest = self.widest.max(values);
        self.blocks.push(handlers);
        self.handlers = self.handlers.saturating_add(handlers);
    }

    fn declare(&mut self, count: u32) {
        self.outline.declarations = self.outline.declarations.saturating_add(count.into());
    }

    /// Returns how many values a type takes and returns.
    fn values_of(&self, ty: u32) -> u64 {
        usize::try_from(ty).ok().and_then(|index| self.types.get(index)).copied().unwrap_or_default()
    }

    fn count(&mut self, values: u64) {
        self.outline.values = self.outline.values.saturating_add(values);
    }

    fn finish(mut self) -> Outline {
        self.changeable.retain(|global| !self.exported.contains(global));
        self.outline.hidden_globals = self.changeable;
        self.outline.unsaved = self.unsaved && !self.unsaved_is_known && self.memories > 0;
        self.outline
    }
}

fn values(ty: &FuncType) -> u64 {
    u64::try_from(ty.params().len().saturating_add(ty.results().len())).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> (Vec<u8>, Outline) {
        let wasm = wat::parse_str(text).unwrap();
        let outline = Outline::of(&wasm).unwrap();
        (wasm, outline)
    }

    fn exports(wasm: &[u8]) -> Vec<(String, ExternalKind, u32)> {
        let sections = Parser::new(0).parse_all(wasm).map(Result::unwrap);
        let exports = sections.filter_map(|payload| if let Payload::ExportSection(section) = payload { Some(section) } else { None });
        exports.flatten().map(Result::unwrap).map(|export| (export.name.to_owned(), export.kind, export.index)).collect()
    }

    #[test]
    fn numbers_are_those_of_the_text() {
        let (_, outline) = outline(
            r#"(module
                (type $many (func (param i32 i32 i32) (result i32 i32)))
                (memory 1) (data (i32.const 0) "abcd") (data (i32.const 9) "e")
                (func $f (type $many) unreachable)
                (func (local i64 i64 f32)
                    (block (type $many) unreachable)
                    (call $f (i32.const 1) (i32.const 2) (i32.const 3))
                    unreachable))"#,
        );
        // The second function has three variables, a block of five, and calls one of five, which is
        // the first.
        assert_eq!((outline.functions, outline.data_bytes, outline.values), (2, 5, 5 + 3 + 5 + 5));
        assert_eq!(outline.declarations, 2 + 2, "types and segments");
    }

    #[test]
    fn jumps_and_handlers_count_as_often_as_they_are_written() {
        let values = |body: &str| {
            let text = format!(
                "(module (type $two (func (param i32) (result i32))) (tag $t (param i64 i64 i64)) (func $f)
                    (func (param i32) {body}))"
            );
            outline(&text).1.values
        };
        let nothing = values("");
        assert_eq!(values("(block (br 0) (br 0))") - nothing, 2, "the parameter is a value of the function's label");
        assert_eq!(values("(block (br_table 0 0 0 0 (local.get 0)))") - nothing, 4);
        let handled = |calls: usize| values(&format!("(block (try_table (catch $t 0) (catch_all 0) {}))", "(call $f)".repeat(calls)));
        assert_eq!(handled(3) - handled(0), 3 * 2, "two handlers for each call");
        assert_eq!(values(&"(call $f)".repeat(3)), nothing);
    }

    #[test]
    fn hidden_state_is_exported_and_the_module_is_otherwise_the_same() {
        let (wasm, outline) = outline(
            r#"(module
                (import "env" "g" (global $imported i32))
                (memory 1) (table 4 funcref)
                (global $constant i32 (i32.const 1))
                (global $known (export "known") (mut i32) (i32.const 2))
                (global $hidden (mut i64) (i64.const 3))
                (func $f (export "f") (table.set (i32.const 0) (ref.null func)) (global.set $hidden (i64.const 4))))"#,
        );
        let new = outline.with_state_exported(&wasm).unwrap();
        let mut expected = exports(&wasm);
        expected.push(("sandbox.state.global.3".into(), ExternalKind::Global, 3));
        expected.push(("sandbox.state.unsaved".into(), ExternalKind::Memory, 0));
        assert_eq!(exports(&new), expected);
        // Once is enough.
        assert!(Outline::of(&new).unwrap().with_state_exported(&new).is_none());
        assert_eq!(new.len() - wasm.len(), 1 + 22 + 2 + 1 + 21 + 2);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(Outline::of(b"\0asm\x01\0\0\0\x07").is_err());
    }

    #[test]
    fn a_length_may_be_written_in_more_bytes_than_it_needs() {
        // (module (global (mut i32) (i32.const 0))), with an empty list of exports.
        let padded = b"\0asm\x01\0\0\0\x06\x06\x01\x7f\x01\x41\0\x0b\x07\x81\x80\0\0";
        let new = Outline::of(padded).unwrap().with_state_exported(padded).unwrap();
        assert_eq!(exports(&new), [("sandbox.state.global.0".into(), ExternalKind::Global, 0)]);
    }
}
