//! Puts a check into the Wasm code that traps, instead of the engine's epoch checks, which call the host.
//!
//! A call that returns has to keep what is in registers; a trap has not, so that a check is one comparison and one branch that is never taken. The host stops a guest through a flag, which each
//! function and each turn of a loop looks at.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, GlobalSection, GlobalType, ImportSection,
    Instruction, MemArg, MemoryType, Module, SectionId, ValType,
};
use wasmparser::{ExportSectionReader, FunctionBody, GlobalSectionReader, ImportSectionReader, Operator, Parser, Payload, TypeRef};

/// The module of the imports that the checks need.
pub(crate) const MODULE: &str = "interrupts";
/// The memory with the flags of all sandboxes.
pub(crate) const FLAGS: &str = "flags";
/// Which byte of [`FLAGS`] is this sandbox's: a global, imported or exported.
pub(crate) const SLOT: &str = "interrupt_slot";
/// The flag, where it is a global.
pub(crate) const FLAG: &str = "interrupt_flag";

/// Where the flag is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Flag {
    /// In a global of the guest's. No other thread can write that: a bound for what is possible.
    Global,
    /// The first word of a shared memory.
    First,
    /// A byte of a shared memory, at an address in a global that only the host writes.
    Slot,
    /// The same, in an imported, immutable global.
    ImportedSlot,
}

/// How the flag is read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Read {
    /// Like other memory. The compiler may use a value that it has already: **a loop without stores is never interrupted.**
    Plain,
    /// Each time.
    Atomic,
}

/// Which loops have a check.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Loops {
    All,
    /// Each, but where it jumps back instead of at its header, if it does that at one place: its first turn has no check.
    Back,
    /// All but those that have neither a loop nor a call inside: **unsafe, a bound.**
    Outer,
}

/// A kind of check.
#[derive(Clone, Copy)]
pub(crate) struct Checks {
    pub(crate) flag: Flag,
    pub(crate) read: Read,
    /// Whether functions have one at their entry.
    pub(crate) entries: bool,
    pub(crate) loops: Loops,
    /// Whether all checks of a function branch to one trap at its end, or each has its own.
    pub(crate) one_trap: bool,
}

/// Returns the module with the checks in it.
pub(crate) fn instrument(wasm: &[u8], checks: Checks) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut pass = Pass { checks, types: Vec::new(), functions: Vec::new(), next: 0, imported_globals: 0, globals: 0, seen: Vec::new() };
    pass.survey(wasm)?;
    let mut module = Module::new();
    pass.parse_core_module(&mut module, Parser::new(0), wasm).map_err(|error| error.to_string())?;
    Ok(module.finish())
}

struct Pass {
    checks: Checks,
    /// What functions of each type return.
    types: Vec<Vec<wasmparser::ValType>>,
    /// The type of each defined function.
    functions: Vec<u32>,
    /// The defined function that comes next.
    next: usize,
    imported_globals: u32,
    globals: u32,
    /// The sections so far.
    seen: Vec<SectionId>,
}

impl Pass {
    fn survey(&mut self, wasm: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.into_iter_err_on_gc_types() {
                        self.types.push(ty?.results().to_vec());
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if let TypeRef::Global(_) = import?.ty {
                            self.imported_globals += 1;
                        }
                    }
                }
                Payload::FunctionSection(functions) => self.functions = functions.into_iter().collect::<Result<_, _>>()?,
                Payload::GlobalSection(globals) => self.globals = globals.count(),
                _ => {}
            }
        }
        self.globals += self.imported_globals;
        Ok(())
    }

    fn has_memory(&self) -> bool {
        self.checks.flag != Flag::Global
    }

    fn has_imported_global(&self) -> bool {
        self.checks.flag == Flag::ImportedSlot
    }

    /// The index of the global that was added.
    fn global(&self) -> u32 {
        if self.has_imported_global() { self.imported_globals } else { self.globals }
    }

    fn add_imports(&self, imports: &mut ImportSection) {
        if self.has_imported_global() {
            imports.import(MODULE, SLOT, EntityType::Global(GlobalType { val_type: ValType::I32, mutable: false, shared: false }));
        }
        if self.has_memory() {
            imports.import(
                MODULE,
                FLAGS,
                EntityType::Memory(MemoryType { minimum: 1, maximum: Some(1), memory64: false, shared: true, page_size_log2: None }),
            );
        }
    }

    fn add_global(&self, globals: &mut GlobalSection) {
        if matches!(self.checks.flag, Flag::Global | Flag::Slot) {
            globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
        }
    }

    /// A check inside this many blocks of the original.
    fn check(&self, function: &mut Function, depth: u32) {
        let word = MemArg { offset: 0, align: 2, memory_index: 0 };
        let byte = MemArg { align: 0, ..word };
        match self.checks.flag {
            Flag::Global => {
                function.instruction(&Instruction::GlobalGet(self.global()));
            }
            Flag::First => {
                function.instruction(&Instruction::I32Const(0));
                function.instruction(&if self.checks.read == Read::Atomic {
                    Instruction::I32AtomicLoad(word)
                } else {
                    Instruction::I32Load(word)
                });
            }
            Flag::Slot | Flag::ImportedSlot => {
                function.instruction(&Instruction::GlobalGet(self.global()));
                function.instruction(&if self.checks.read == Read::Atomic {
                    Instruction::I32AtomicLoad8U(byte)
                } else {
                    Instruction::I32Load8U(byte)
                });
            }
        }
        if self.checks.one_trap {
            function.instruction(&Instruction::BrIf(depth + 1));
        } else {
            for instruction in [Instruction::If(BlockType::Empty), Instruction::Unreachable, Instruction::End] {
                function.instruction(&instruction);
            }
        }
    }
}

impl Reencode for Pass {
    type Error = Infallible;

    /// What is imported has the first indices.
    fn memory_index(&mut self, memory: u32) -> Result<u32, Error<Infallible>> {
        Ok(memory + u32::from(self.has_memory()))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error<Infallible>> {
        Ok(global + u32::from(self.has_imported_global() && global >= self.imported_globals))
    }

    fn parse_import_section(&mut self, imports: &mut ImportSection, section: ImportSectionReader<'_>) -> Result<(), Error<Infallible>> {
        utils::parse_import_section(self, imports, section)?;
        self.add_imports(imports);
        Ok(())
    }

    fn parse_global_section(&mut self, globals: &mut GlobalSection, section: GlobalSectionReader<'_>) -> Result<(), Error<Infallible>> {
        utils::parse_global_section(self, globals, section)?;
        self.add_global(globals);
        Ok(())
    }

    fn parse_export_section(&mut self, exports: &mut ExportSection, section: ExportSectionReader<'_>) -> Result<(), Error<Infallible>> {
        utils::parse_export_section(self, exports, section)?;
        match self.checks.flag {
            Flag::Global => exports.export(FLAG, ExportKind::Global, self.global()),
            Flag::Slot => exports.export(SLOT, ExportKind::Global, self.global()),
            Flag::First | Flag::ImportedSlot => exports,
        };
        Ok(())
    }

    /// Adds the sections that the module has not.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Infallible>> {
        self.seen.extend(after);
        let comes_later = |section: SectionId| before.is_none_or(|before| before > section);
        if comes_later(SectionId::Import) && !self.seen.contains(&SectionId::Import) {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            module.section(&imports);
            self.seen.push(SectionId::Import);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error<Infallible>> {
        let ty = self.functions.get(self.next).and_then(|ty| self.types.get(*ty as usize));
        self.next += 1;
        let result = match ty.map(Vec::as_slice) {
            Some([]) => BlockType::Empty,
            Some([result]) => BlockType::Result(self.val_type(*result)?),
            // C has no more than one.
            _ => return Err(Error::CanonicalizedHeapTypeReference),
        };
        let operators: Vec<Operator<'_>> = body.get_operators_reader()?.into_iter().collect::<Result<_, _>>()?;
        let mut function = self.new_function_with_parsed_locals(&body)?;
        if self.checks.one_trap {
            function.instruction(&Instruction::Block(BlockType::Empty));
            function.instruction(&Instruction::Block(result));
        }
        if self.checks.entries {
            self.check(&mut function, 0);
        }
        // The loops around what comes next: whether their checks are where they jump back.
        let mut blocks: Vec<Option<bool>> = Vec::new();
        let last = operators.len() - 1;
        for (index, operator) in operators.iter().enumerate() {
            if index == last {
                // The end of the function, or of what is in it.
                if self.checks.one_trap {
                    for instruction in [Instruction::End, Instruction::Return, Instruction::End, Instruction::Unreachable] {
                        function.instruction(&instruction);
                    }
                }
                function.instruction(&Instruction::End);
                break;
            }
            let depth = blocks.len() as u32;
            let jumps_back = |label: &u32| blocks.iter().rev().nth(*label as usize) == Some(&Some(true));
            match operator {
                Operator::Br { relative_depth } if jumps_back(relative_depth) => self.check(&mut function, depth),
                Operator::BrIf { relative_depth } if jumps_back(relative_depth) => {
                    function.instruction(&Instruction::If(BlockType::Empty));
                    self.check(&mut function, depth + 1);
                    function.instruction(&Instruction::Br(relative_depth + 1));
                    function.instruction(&Instruction::End);
                    continue;
                }
                _ => {}
            }
            function.instruction(&self.instruction(operator.clone())?);
            match operator {
                Operator::Loop { .. } => {
                    let body = operators.get(index + 1..).unwrap_or_default();
                    let back = self.checks.loops == Loops::Back && jumps_back_once(body);
                    blocks.push(Some(back));
                    if !back && (self.checks.loops != Loops::Outer || !is_leaf(body)) {
                        self.check(&mut function, depth + 1);
                    }
                }
                Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } | Operator::Try { .. } => blocks.push(None),
                Operator::End | Operator::Delegate { .. } => {
                    blocks.pop();
                }
                _ => {}
            }
        }
        code.function(&function);
        Ok(())
    }
}

/// Whether a loop with this after its header has neither a loop nor a call.
fn is_leaf(body: &[Operator<'_>]) -> bool {
    let mut depth = 1;
    for operator in body {
        match operator {
            Operator::Loop { .. } | Operator::Call { .. } | Operator::CallIndirect { .. } => return false,
            Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } | Operator::Try { .. } => depth += 1,
            Operator::End | Operator::Delegate { .. } => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return true;
        }
    }
    true
}

/// Whether a loop with this after its header goes back to it at no more than one place, with an instruction that has no other target.
fn jumps_back_once(body: &[Operator<'_>]) -> bool {
    let (mut depth, mut places) = (0, 0);
    for operator in body {
        match operator {
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } if *relative_depth == depth => places += 1,
            Operator::BrTable { targets }
                if targets.default() == depth || targets.targets().any(|target| target.is_ok_and(|target| target == depth)) =>
            {
                return false;
            }
            // Their clauses have labels too.
            Operator::TryTable { .. } | Operator::Try { .. } => return false,
            Operator::Block { .. } | Operator::If { .. } | Operator::Loop { .. } => depth += 1,
            Operator::End if depth == 0 => break,
            Operator::End => depth -= 1,
            _ => {}
        }
    }
    places <= 1
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use wasmtime::{Config, Engine, Instance, Module, SharedMemory, Store, Val};

    use super::{Checks, Flag, Loops, Read, SLOT, instrument};

    /// Loops that write nothing, which is where a compiler could reuse the flag that it has read before.
    const SPINS: &str = r#"(module
        (memory (export "memory") 1)
        (global (mut i32) (i32.const 0))
        (func (export "one") (loop (br 0)))
        (func (export "nested") (loop (loop (br_if 0 (i32.load (i32.const 0)))) (br 0)))
        (func (export "conditional") (param i32) (loop (br_if 0 (i32.eqz (local.get 0)))))
        (func (export "two_ways") (loop (br_if 0 (i32.load (i32.const 4))) (br 0)))
        (func (export "table") (loop (block (br_table 0 1 (i32.load (i32.const 4)))) (br 0))))"#;

    /// Whether each of the spinning functions ends when its flag is raised on another thread.
    fn ends(checks: Checks, name: &'static str) -> bool {
        let wasm = instrument(&wat::parse_str(SPINS).unwrap(), checks).unwrap();
        let mut config = Config::new();
        config.wasm_multi_memory(true).wasm_threads(true).shared_memory(true);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, &wasm).unwrap();
        let flags = SharedMemory::new(&engine, wasmtime::MemoryType::shared(1, 1)).unwrap();
        let (sender, receiver) = mpsc::channel();
        let raised = flags.clone();
        thread::spawn(move || {
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[flags.into()]).unwrap();
            if let Some(slot) = instance.get_global(&mut store, SLOT) {
                slot.set(&mut store, Val::I32(64)).unwrap();
            }
            let function = instance.get_func(&mut store, name).unwrap();
            let arguments = vec![Val::I32(0); function.ty(&store).params().len()];
            sender.send(function.call(&mut store, &arguments, &mut []).is_err()).unwrap();
        });
        thread::sleep(Duration::from_millis(50));
        let slot = if checks.flag == Flag::First { 0 } else { 64 };
        // SAFETY: on this side, the flag is accessed with atomic operations only.
        unsafe { AtomicU8::from_ptr(raised.data()[slot].get()) }.store(1, Ordering::Relaxed);
        receiver.recv_timeout(Duration::from_secs(5)).unwrap_or(false)
    }

    const CHECKS: Checks = Checks { flag: Flag::Slot, read: Read::Atomic, entries: true, loops: Loops::All, one_trap: true };

    #[test]
    fn an_atomic_check_ends_loops_that_write_nothing() {
        for flag in [Flag::First, Flag::Slot] {
            for loops in [Loops::All, Loops::Back] {
                for name in ["one", "nested", "conditional", "two_ways", "table"] {
                    assert!(ends(Checks { flag, loops, ..CHECKS }, name), "{name}");
                }
            }
        }
    }

    #[test]
    fn a_plain_check_does_not() {
        assert!(!ends(Checks { read: Read::Plain, ..CHECKS }, "one"));
        assert!(!ends(Checks { read: Read::Plain, ..CHECKS }, "nested"));
    }
}
