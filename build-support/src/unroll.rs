//! Repeats the bodies of small loops, so that the checks by which a guest can be stopped come less often.
//!
//! wasmtime's checks stand where a function or a loop begins: a loop of a few instructions spends a third of its time on them. What is repeated does the same as
//! before: a branch to the loop's begin goes to the next copy, and that of the last copy to the first.
//!
//! ```wat
//! (loop $l A (br_if $l) B)    (block $exit (loop $l (block $next A (br_if $next) B (br $exit)) A (br_if $l) B))
//! ```

use std::ops::Range;

use wasmparser::{BinaryReaderError, BlockType, FunctionBody, Operator, Parser, Payload};

use crate::debug_info::{Lines, Row};

/// How often a body is repeated, at most.
const COPIES: usize = 4;

/// As many bytes of code as a loop may have afterwards. Of a large body a check is a small part, and copies of it lose more than that. (Measured by `cargo xtask variants`.)
const LARGEST: usize = 320;

/// Bytes that a copy of a body takes besides, about: a block, and a branch over its end.
const AROUND: usize = 6;

/// A function with more bytes of code is left as it is: four times as much would be more than the engine takes.
const LARGEST_FUNCTION: usize = 1 << 20;

/// A module whose small loops were unrolled, and where its code was before.
pub(crate) struct Unrolled {
    pub(crate) module: Vec<u8>,
    /// In the order of the new places.
    moved: Vec<Moved>,
}

/// Code that was taken over as it is, by its offsets in the module of before and in the new one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moved {
    from: Range<usize>,
    to: usize,
}

impl Unrolled {
    /// Unrolls the loops of a valid module.
    pub(crate) fn new(module: &[u8]) -> Result<Self, BinaryReaderError> {
        // The magic number and the version come before the first section.
        let mut end = 8;
        let mut unrolled = Self { module: module.get(..end).unwrap_or_default().to_owned(), moved: Vec::new() };
        let mut code = Code::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::CodeSectionStart { range, count, .. } => {
                    end = range.end;
                    code.left = count;
                    number(&mut code.bytes, u64::from(count));
                    unrolled.finish_code(&mut code);
                }
                Payload::CodeSectionEntry(body) => {
                    code.function(module, &body)?;
                    code.left -= 1;
                    unrolled.finish_code(&mut code);
                }
                // Offsets into the code that has moved.
                Payload::CustomSection(section) if section.name().starts_with("metadata.code.") => end = section.range().end,
                payload => {
                    let Some((_, contents)) = payload.as_section() else { continue };
                    unrolled.module.extend_from_slice(&module[end..contents.end]);
                    end = contents.end;
                }
            }
        }
        Ok(unrolled)
    }

    /// Adds the section of the code, when its last function is there.
    fn finish_code(&mut self, code: &mut Code) {
        if code.left > 0 {
            return;
        }
        /// The section's number. (WebAssembly core specification, 5.5.2.)
        const CODE: u8 = 10;
        self.module.push(CODE);
        number(&mut self.module, code.bytes.len() as u64);
        let start = self.module.len();
        self.module.append(&mut code.bytes);
        self.moved.extend(code.moved.drain(..).map(|moved| Moved { to: moved.to + start, ..moved }));
    }

    /// Returns the lines by the new places.
    pub(crate) fn lines(&self, lines: Lines) -> Lines {
        let mut rows = Vec::with_capacity(lines.rows.len());
        for Moved { from, to } in &self.moved {
            let address = |before: usize| u32::try_from(to + before - from.start).unwrap_or(u32::MAX);
            let first = lines.rows.partition_point(|row| row.address as usize <= from.start);
            let begins = first.checked_sub(1).map_or(Row { address: 0, file: None, line: 0 }, |row| lines.rows[row]);
            rows.push(Row { address: address(from.start), ..begins });
            let inside = lines.rows[first..].iter().take_while(|row| (row.address as usize) < from.end);
            rows.extend(inside.map(|row| Row { address: address(row.address as usize), ..*row }));
        }
        let mut lines = Lines { files: lines.files, rows };
        lines.tidy();
        lines
    }
}

/// The section of the code, as it is written anew.
#[derive(Default)]
struct Code {
    bytes: Vec<u8>,
    moved: Vec<Moved>,
    /// How many functions are still to come.
    left: u32,
}

/// An operator of a function, and the bytes that it has.
struct Op<'a> {
    operator: Operator<'a>,
    bytes: Range<usize>,
}

impl Code {
    fn function(&mut self, module: &[u8], body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let operators = body.get_operators_reader()?;
        let begin = operators.original_position();
        let mut ops: Vec<Op<'_>> = Vec::new();
        for operator in operators.into_iter_with_offsets() {
            let (operator, start) = operator?;
            if let Some(last) = ops.last_mut() {
                last.bytes.end = start;
            }
            ops.push(Op { operator, bytes: start..body.range().end });
        }
        let loops = if body.range().len() > LARGEST_FUNCTION { vec![None; ops.len()] } else { loops(&ops) };
        let mut writer = Writer { module, bytes: Vec::new(), moved: Vec::new(), ops: &ops, loops, open: 1, frames: vec![0] };
        writer.copy(body.range().start..begin);
        writer.write(0..ops.len());
        let Writer { bytes, moved, .. } = writer;
        number(&mut self.bytes, bytes.len() as u64);
        let start = self.bytes.len();
        self.bytes.extend(bytes);
        self.moved.extend(moved.into_iter().map(|moved| Moved { to: moved.to + start, ..moved }));
        Ok(())
    }
}

/// A loop that is to be unrolled.
#[derive(Debug, Clone, Copy)]
struct Loop {
    /// The operator that ends it.
    end: usize,
    copies: usize,
}

/// Finds, for each operator, the loop to be unrolled that begins there.
fn loops(ops: &[Op<'_>]) -> Vec<Option<Loop>> {
    /// A block that is open: where it begins, how many bytes it grows by, and whether it can be repeated.
    struct Open {
        begins: usize,
        grows: usize,
        movable: bool,
        calls: bool,
    }
    let opened = |begins, movable| Open { begins, grows: 0, movable, calls: false };
    let mut loops = vec![None; ops.len()];
    let mut open = vec![opened(0, true)];
    for (index, op) in ops.iter().enumerate() {
        match &op.operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                open.push(opened(index, true));
            }
            // Has labels of its own, which are taken over as they are.
            Operator::TryTable { .. } | Operator::Try { .. } => open.push(opened(index, false)),
            Operator::End | Operator::Delegate { .. } => {
                let Some(Open { begins, mut grows, movable, calls }) = open.pop() else { continue };
                let Some(outer) = open.last_mut() else { continue };
                let first = &ops[begins];
                // A function that is called has a check of its own, and costs more than that.
                if movable
                    && !calls
                    && let Operator::Loop { blockty: BlockType::Empty | BlockType::Type(_) } = first.operator
                {
                    let size = op.bytes.start - first.bytes.end + grows + AROUND;
                    let copies = (LARGEST / size).min(COPIES);
                    if copies > 1 {
                        loops[begins] = Some(Loop { end: index, copies });
                        grows += (copies - 1) * size;
                    }
                }
                outer.grows += grows;
                outer.movable &= movable;
                outer.calls |= calls;
            }
            Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::BrOnCastDescEq { .. }
            | Operator::BrOnCastDescEqFail { .. }
            | Operator::Resume { .. }
            | Operator::ResumeThrow { .. }
            | Operator::ResumeThrowRef { .. }
            | Operator::Rethrow { .. } => {
                if let Some(block) = open.last_mut() {
                    block.movable = false;
                }
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
                if let Some(block) = open.last_mut() {
                    block.calls = true;
                }
            }
            _ => {}
        }
    }
    loops
}

/// Writes a function's body.
struct Writer<'a> {
    module: &'a [u8],
    bytes: Vec<u8>,
    moved: Vec<Moved>,
    ops: &'a [Op<'a>],
    loops: Vec<Option<Loop>>,
    /// How many blocks are open in what is written.
    open: usize,
    /// For each block of before that is open: which of the open ones a branch to it goes to.
    frames: Vec<usize>,
}

impl Writer<'_> {
    fn write(&mut self, ops: Range<usize>) {
        let mut index = ops.start;
        while index < ops.end {
            let op = &self.ops[index];
            if let Some(found) = self.loops[index] {
                self.unroll(index, found);
                index = found.end + 1;
                continue;
            }
            match &op.operator {
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => self.branch(op, None, &[*relative_depth]),
                Operator::BrTable { targets } => {
                    let labels: Vec<u32> = targets.targets().flatten().chain([targets.default()]).collect();
                    self.branch(op, Some(targets.len()), &labels);
                }
                operator => {
                    match operator {
                        Operator::Block { .. }
                        | Operator::Loop { .. }
                        | Operator::If { .. }
                        | Operator::TryTable { .. }
                        | Operator::Try { .. } => {
                            self.frames.push(self.open);
                            self.open += 1;
                        }
                        Operator::End | Operator::Delegate { .. } => {
                            self.frames.pop();
                            self.open -= 1;
                        }
                        _ => {}
                    }
                    self.copy(op.bytes.clone());
                }
            }
            index += 1;
        }
    }

    fn unroll(&mut self, begins: usize, Loop { end, copies }: Loop) {
        let (first, body) = (self.ops[begins].bytes.clone(), begins + 1..end);
        // The same type as the loop's, for the block around it.
        self.bytes.push(BLOCK);
        self.bytes.extend_from_slice(&self.module[first.start + 1..first.end]);
        let exit = self.open;
        self.copy(first);
        self.open += 2;
        for _ in 1..copies {
            self.bytes.extend([BLOCK, EMPTY]);
            self.open += 1;
        }
        for left in (0..copies).rev() {
            // The block that ends where the next copy begins; for the last copy, the loop.
            self.frames.push(self.open - 1);
            self.write(body.clone());
            self.frames.pop();
            if left > 0 {
                self.bytes.push(BR);
                number(&mut self.bytes, (self.open - 1 - exit) as u64);
                self.bytes.push(END);
                self.open -= 1;
            }
        }
        self.bytes.extend([END, END]);
        self.open -= 2;
    }

    /// Writes a branch to labels of before, of which there is a table of so many and one more.
    fn branch(&mut self, op: &Op<'_>, table: Option<u32>, labels: &[u32]) {
        let frame = |label: u32| self.frames[self.frames.len() - 1 - label as usize];
        let now: Vec<u64> = labels.iter().map(|label| (self.open - 1 - frame(*label)) as u64).collect();
        if now.iter().zip(labels).all(|(now, before)| *now == u64::from(*before)) {
            return self.copy(op.bytes.clone());
        }
        self.bytes.push(self.module[op.bytes.start]);
        table.into_iter().map(u64::from).chain(now).for_each(|value| number(&mut self.bytes, value));
    }

    /// Takes bytes over as they are.
    fn copy(&mut self, from: Range<usize>) {
        let to = self.bytes.len();
        self.bytes.extend_from_slice(&self.module[from.clone()]);
        match self.moved.last_mut() {
            Some(last) if last.from.end == from.start && last.to + last.from.len() == to => last.from.end = from.end,
            _ => self.moved.push(Moved { from, to }),
        }
    }
}

// WebAssembly core specification, 5.4.1 and 5.3.6.
const BLOCK: u8 = 0x02;
const END: u8 = 0x0b;
const BR: u8 = 0x0c;
const EMPTY: u8 = 0x40;

/// Writes a number as LEB128. (WebAssembly core specification, 5.2.2.)
fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use wasmtime::{Engine, Instance, Module, Store};

    use super::*;

    /// A program of random blocks, loops and branches. Each statement changes `$a` and counts a step; after some hundred it returns.
    struct Program {
        random: fastrand::Rng,
        text: String,
        /// For each label, the outermost first: whether a branch to it takes a value.
        labels: Vec<bool>,
        /// How many blocks are open that catch.
        catching: u32,
    }

    impl Program {
        fn text(seed: u64) -> String {
            let mut program = Self { random: fastrand::Rng::with_seed(seed), text: String::new(), labels: vec![true], catching: 0 };
            program.sequence(5);
            let body = program.text;
            format!(
                "(module (tag $t) (global $n (export \"steps\") (mut i32) (i32.const 0))
                 (func (export \"leaf\")) (func (export \"run\") (param $a i32) (result i32) {body} (local.get $a)))"
            )
        }

        fn sequence(&mut self, depth: u32) {
            for _ in 0..self.random.u32(1..4) {
                self.statement(depth);
            }
        }

        fn statement(&mut self, depth: u32) {
            let kind = if depth == 0 { 0 } else { self.random.u32(0..11) };
            match kind {
                1 | 2 => self.block("block", depth),
                3..=5 => self.block("loop", depth),
                6 => {
                    self.text += "(if (i32.and (local.get $a) (i32.const 2)) (then ";
                    self.labels.push(false);
                    self.sequence(depth - 1);
                    self.text += ") (else ";
                    self.sequence(depth - 1);
                    self.labels.pop();
                    self.text += "))";
                }
                7 => self.branch(),
                8 => self.text += "(call 0)",
                9 => {
                    self.text += "(block (try_table (catch $t 0) ";
                    self.labels.extend([false; 2]);
                    self.catching += 1;
                    self.sequence(depth - 1);
                    self.catching -= 1;
                    self.labels.truncate(self.labels.len() - 2);
                    self.text += "))";
                }
                10 if self.catching > 0 => self.text += "(if (i32.and (local.get $a) (i32.const 8)) (then (throw $t)))",
                _ => {
                    let k = self.random.u16(..);
                    let _ = write!(
                        self.text,
                        "(local.set $a (i32.rotl (i32.add (i32.mul (local.get $a) (i32.const 31)) (i32.const {k})) (i32.const 7)))
                         (global.set $n (i32.add (global.get $n) (i32.const 1)))
                         (if (i32.gt_u (global.get $n) (i32.const 300)) (then (return (local.get $a))))"
                    );
                }
            }
        }

        /// With a value that it leaves, or without.
        fn block(&mut self, kind: &str, depth: u32) {
            let valued = self.random.bool();
            let _ = write!(self.text, "({kind} {} ", if valued { "(result i32)" } else { "" });
            self.labels.push(valued && kind == "block");
            self.statement(0);
            self.sequence(depth - 1);
            self.labels.pop();
            self.text += if valued { "(local.get $a)) (local.set $a)" } else { ")" };
        }

        fn branch(&mut self) {
            let label = self.random.usize(..self.labels.len());
            let valued = self.labels[label];
            let depth = |label: usize| self.labels.len() - 1 - label;
            let value = if valued { "(local.get $a)" } else { "" };
            if self.random.bool() {
                let (label, dropped) = (depth(label), if valued { "(drop)" } else { "" });
                let _ = write!(self.text, "{value} (br_if {label} (i32.and (local.get $a) (i32.const 3))) {dropped}");
                return;
            }
            // In a block of its own, so that what follows is reached.
            let labels = self.labels.iter().enumerate().filter(|(_, other)| **other == valued);
            let labels: Vec<String> = labels.map(|(label, _)| (depth(label) + 1).to_string()).collect();
            let _ = write!(
                self.text,
                "(if (i32.and (local.get $a) (i32.const 4)) (then {value} (br_table {} (i32.and (local.get $a) (i32.const 7)))))",
                labels.join(" ")
            );
        }
    }

    fn engine() -> Engine {
        let mut config =
            sandbox_engine::config(sandbox_engine::Metering { interrupts: false, fuel: false }, sandbox_engine::StaticData::Copied);
        // libclang, in other tests of this process, catches signals.
        Engine::new(config.signals_based_traps(false)).unwrap()
    }

    /// Runs a program: what it returns, and after how many steps.
    fn run(engine: &Engine, module: &[u8], argument: i32) -> (i32, i32) {
        let module = Module::new(engine, module).unwrap();
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let result = instance.get_typed_func::<i32, i32>(&mut store, "run").unwrap().call(&mut store, argument).unwrap();
        (result, instance.get_global(&mut store, "steps").unwrap().get(&mut store).unwrap_i32())
    }

    #[test]
    fn an_unrolled_program_takes_the_same_steps() {
        let engine = engine();
        let mut unrolled_any = 0;
        for seed in 0..150 {
            let text = Program::text(seed);
            let module = wat::parse_str(&text).unwrap();
            let unrolled = Unrolled::new(&module).unwrap();
            unrolled_any += u32::from(unrolled.module.len() > module.len());
            for argument in [0, 1, 2, -1, 12345] {
                assert_eq!(run(&engine, &module, argument), run(&engine, &unrolled.module, argument), "seed {seed}, {argument}: {text}");
            }
            for Moved { from, to } in &unrolled.moved {
                assert_eq!(module[from.clone()], unrolled.module[*to..*to + from.len()], "seed {seed}");
            }
        }
        assert!(unrolled_any > 100, "{unrolled_any} of 150 programs had a loop to unroll");
    }

    const COUNT: &str = "(module (func (export \"run\") (param $n i32) (result i32)
        (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4242))))) (local.get $n)))";

    /// How often the number 4242 is in the code.
    fn bodies(module: &[u8]) -> usize {
        module.windows(3).filter(|bytes| *bytes == [0x41, 0x92, 0x21]).count()
    }

    #[test]
    fn a_small_loop_has_four_bodies_and_a_large_one_or_one_that_calls_has_one() {
        let module = wat::parse_str(COUNT).unwrap();
        assert_eq!((bodies(&module), bodies(&Unrolled::new(&module).unwrap().module)), (1, COPIES));
        let filler = "(local.set $n (i32.add (local.get $n) (i32.const 1)))".repeat(LARGEST / 14);
        for more in [filler.as_str(), "(drop (call 0 (i32.const 1)))", "(block $b (try_table (catch_all $b)))"] {
            let module = wat::parse_str(COUNT.replace("(loop $l ", &format!("(loop $l {more}"))).unwrap();
            assert_eq!(bodies(&Unrolled::new(&module).unwrap().module), 1, "{}", &more[..20]);
        }
    }

    #[test]
    fn nested_loops_grow_no_further_than_one() {
        let nested = |depth: usize| wat::parse_str(format!("(module (func {}{}))", "(loop ".repeat(depth), ")".repeat(depth))).unwrap();
        for depth in 1..100 {
            let module = nested(depth);
            let unrolled = Unrolled::new(&module).unwrap().module;
            assert!(unrolled.len() < module.len() + 2 * LARGEST, "{depth}: {}", unrolled.len());
        }
    }

    #[test]
    fn a_function_that_would_be_too_large_for_the_engine_stays() {
        let module = wat::parse_str(format!("(module (func {}))", "(loop (br_if 0 (i32.const 0)))".repeat(LARGEST_FUNCTION / 5))).unwrap();
        assert_eq!(Unrolled::new(&module).unwrap().module.len(), module.len());
    }

    #[test]
    fn lines_follow_their_code() {
        let module = wat::parse_str(COUNT).unwrap();
        let unrolled = Unrolled::new(&module).unwrap();
        let at = |module: &[u8], nth: usize| {
            let found = module.windows(3).enumerate().filter(|(_, bytes)| *bytes == [0x41, 0x92, 0x21]).nth(nth).unwrap();
            u32::try_from(found.0).unwrap()
        };
        let number = at(&module, 0);
        let row = |address, line| Row { address, file: Some(0), line };
        let lines = Lines { files: vec!["a.c".into()], rows: vec![row(number - 2, 7), row(number, 8), row(number + 3, 9)] };
        let lines = unrolled.lines(lines);
        for copy in 0..COPIES {
            let place = at(&unrolled.module, copy);
            for (address, line) in [(place - 1, 7), (place, 8), (place + 2, 8), (place + 3, 9)] {
                let row = lines.rows.iter().rfind(|row| row.address <= address).unwrap();
                assert_eq!((row.file, row.line), (Some(0), line), "copy {copy} at {address}");
            }
        }
    }

    #[test]
    fn a_line_ends_where_its_function_did() {
        let function = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 4242))))) (local.get $n)";
        let text = ["first", "second"].map(|name| format!("(func (export \"{name}\") (param $n i32) (result i32) {function})"));
        let module = wat::parse_str(format!("(module {})", text.concat())).unwrap();
        let unrolled = Unrolled::new(&module).unwrap();
        // Whole functions, as clang's table has them: a row where one begins, and one of no line where it ends.
        let functions = |module: &[u8]| -> Vec<Range<u32>> {
            let payloads = Parser::new(0).parse_all(module).map(Result::unwrap);
            let bodies =
                payloads.filter_map(|payload| if let Payload::CodeSectionEntry(body) = payload { Some(body.range()) } else { None });
            bodies.map(|body| body.start.try_into().unwrap()..body.end.try_into().unwrap()).collect()
        };
        let rows = functions(&module).into_iter().zip(1..).flat_map(|(function, line)| {
            [Row { address: function.start, file: Some(0), line }, Row { address: function.end, file: None, line: 0 }]
        });
        let lines = unrolled.lines(Lines { files: vec!["a.c".into()], rows: rows.collect() });
        for (function, line) in functions(&unrolled.module).into_iter().zip(1..) {
            for address in function {
                let row = lines.rows.iter().rfind(|row| row.address <= address).unwrap();
                assert_eq!((row.file, row.line), (Some(0), line), "{address}");
            }
        }
    }

    #[test]
    fn what_knows_offsets_of_the_code_is_left_out_and_a_module_without_code_stays() {
        let empty = wat::parse_str("(module (memory 1) (@custom \"metadata.code.branch_hint\" \"\\00\"))").unwrap();
        assert_eq!(Unrolled::new(&empty).unwrap().module, wat::parse_str("(module (memory 1))").unwrap());
        assert!(Unrolled::new(b"\0asm\x01\0\0\0\x0a\xff").is_err());
    }
}
