//! The generator: a module for a seed.

use std::fmt::Write as _;

use sandbox::__private::Wasm;
use sandbox::{Library, SandboxModule};

use crate::plausible::{CELLS, Function, Value};
use crate::random::Random;

/// What all have: randomness, lies, and the ways to misbehave.
const COMMON: &str = include_str!("../guests/liar.wat");

/// Where the script lies in the guest's memory, and how much room it has, in bytes. As `liar.wat` says.
const SCRIPT: usize = 8192;
const SCRIPT_MOST: usize = 8192;

/// A module with the interface of a library, whose functions lie.
#[derive(Clone, Debug)]
pub struct Guest {
    seed: u64,
    honesty: u32,
    pages: usize,
    table: usize,
    constructor: bool,
    script: Vec<u8>,
    plausible: &'static [Function],
}

impl Guest {
    /// Chooses how it lies. The same seed makes the same guest.
    #[must_use]
    pub fn new(seed: u64, plausible: &'static [Function]) -> Self {
        let mut random = Random::new(seed);
        Self {
            seed: random.next(),
            // Of 256 calls so many are plausible: from one that is found out at once to one that is trusted for long.
            honesty: *random.pick(&[0, 160, 224, 240, 248, 252, 254, 255]),
            pages: *random.pick(&[1, 2, 4, 8, 40]),
            table: *random.pick(&[0, 1, 50, 2000]),
            constructor: random.below(16) == 0,
            script: Vec::new(),
            plausible,
        }
    }

    /// Lets these bytes decide what it does, as long as there are any; at most 8 KiB are used. What a fuzzer changes.
    #[must_use]
    pub fn script(mut self, script: &[u8]) -> Self {
        self.script = script[..script.len().min(SCRIPT_MOST)].to_vec();
        self
    }

    /// Never lies: all answers are plausible, which is not to say that they are right.
    #[must_use]
    pub fn honest(mut self) -> Self {
        self.honesty = 256;
        self.constructor = false;
        self
    }

    /// Writes the module, and has the runtime check and compile it.
    ///
    /// # Errors
    ///
    /// As [`SandboxModule::from_wasm`]: none, unless the generator is wrong.
    pub fn module<L: Library>(&self) -> sandbox::Result<SandboxModule<L>> {
        let text = self.text::<L>();
        let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("the generator wrote no WebAssembly: {error}"));
        SandboxModule::from_wasm(&wasm)
    }

    /// Writes the module as text.
    #[must_use]
    pub fn text<L: Library>(&self) -> String {
        let slots = L::FUNCTIONS.len() + 2;
        let mut text = String::from("(module\n");
        text += "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))\n";
        text += "(import \"wasi_snapshot_preview1\" \"fd_write\" (func $fd_write (param i32 i32 i32 i32) (result i32)))\n";
        text += "(import \"env\" \"system\" (func $denied (param i32) (result i32)))\n";
        let mut line = |args: std::fmt::Arguments<'_>| {
            let _ = text.write_fmt(args);
            text.push('\n');
        };
        line(format_args!("(memory (export \"memory\") {})", self.pages));
        line(format_args!("(table (export \"__indirect_function_table\") {} funcref)", slots + 1 + self.table));
        line(format_args!("(global $stack (export \"__stack_pointer\") (mut i32) (i32.const 8192))"));
        for cell in 0..CELLS {
            line(format_args!("(global $kept{cell} (mut i32) (i32.const 8))"));
        }
        let mut random = Random::new(self.seed);
        for global in L::GLOBALS {
            let address = *random.pick(&[0, 16, 4096, 65_535, 65_536, i32::MAX, i32::MIN, -1, -4]);
            line(format_args!("(global (export \"{global}\") i32 (i32.const {address}))"));
        }
        let mut kinds = vec![7, 2, 1];
        for (index, function) in L::FUNCTIONS.iter().enumerate() {
            let (name, params, result) = function.export();
            kinds.push(kind(params, result));
            let known = self.plausible.iter().find(|known| known.name == name);
            line(format_args!("{}", export(index, name, params, result, known)));
        }
        let names: String = (0..L::FUNCTIONS.len()).map(|index| format!(" $f{index}")).collect();
        line(format_args!("(elem (i32.const 1) $malloc $free{names})"));
        let kinds: String = kinds.iter().map(|kind: &u8| format!("\\{kind:02x}")).collect();
        line(format_args!("(data (i32.const 4096) \"{kinds}\")"));
        if !self.script.is_empty() {
            let script: String = self.script.iter().map(|byte| format!("\\{byte:02x}")).collect();
            line(format_args!("(data (i32.const {SCRIPT}) \"{script}\")"));
        }
        if self.constructor {
            line(format_args!("(func (export \"_initialize\") (if (i32.eqz (call $honest)) (then (call $misbehave))))"));
        }
        text += &COMMON
            .replace("HONESTY", &self.honesty.to_string())
            .replace("SEED", &(self.seed as i64 | 1).to_string())
            .replace("SLOTS", &(slots + 1).to_string())
            .replace("SCRIPT_END", &(SCRIPT + self.script.len()).to_string());
        text.push(')');
        text
    }
}

/// The signatures that `liar.wat` calls through the table, by their numbers there.
fn kind(params: &[Wasm], result: Option<Wasm>) -> u8 {
    let all = params.iter().chain(&result).all(|ty| matches!(ty, Wasm::I32));
    match (all, params.len(), result.is_some()) {
        (true, 0, false) => 0,
        (true, 1, false) => 1,
        (true, 1, true) => 2,
        (true, 2, true) => 3,
        (true, 3, true) => 4,
        (true, 4, true) => 5,
        (true, 2, false) => 6,
        _ => 7,
    }
}

/// A function of the library: plausible, or a lie.
fn export(index: usize, name: &str, params: &[Wasm], result: Option<Wasm>, known: Option<&Function>) -> String {
    let mut text = format!("(func $f{index} (export \"{name}\")");
    for param in params {
        let _ = write!(text, " (param {})", ty(*param));
    }
    if let Some(result) = result {
        let _ = write!(text, " (result {})", ty(result));
    }
    text += " (local $answer i32)\n";
    for (number, param) in params.iter().enumerate() {
        let bits = match param {
            Wasm::I32 => "(i64.extend_i32_u (local.get {}))",
            Wasm::I64 => "(local.get {})",
            Wasm::F32 => "(i64.extend_i32_u (i32.reinterpret_f32 (local.get {})))",
            Wasm::F64 => "(i64.reinterpret_f64 (local.get {}))",
        };
        let _ = writeln!(text, "(call $note {})", bits.replace("{}", &number.to_string()));
    }
    // Whether it lies. After that it may still answer as if nothing had been.
    text += "(if (i32.eqz (call $honest)) (then (call $misbehave) (if (call $below (i32.const 2)) (then (return";
    text += match result {
        None => "",
        Some(Wasm::I32) => " (call $odd_pointer)",
        Some(Wasm::I64) => " (call $odd)",
        Some(Wasm::F32) => " (f32.reinterpret_i32 (call $odd_pointer))",
        Some(Wasm::F64) => " (f64.reinterpret_i64 (call $odd))",
    };
    text += ")))))\n";
    let answer = known.map_or(Value::OneOf(&[0, 1, 2]), |known| known.answer);
    let _ = writeln!(text, "(local.set $answer {})", answer.text());
    for effect in known.map_or(&[][..], |known| known.effects) {
        let _ = writeln!(text, "{}", effect.text());
    }
    text += match result {
        None => "",
        Some(Wasm::I32) => "(local.get $answer)",
        Some(Wasm::I64) => "(i64.extend_i32_s (local.get $answer))",
        Some(Wasm::F32) => "(f32.convert_i32_s (local.get $answer))",
        Some(Wasm::F64) => "(f64.convert_i32_s (local.get $answer))",
    };
    text + ")"
}

fn ty(ty: Wasm) -> &'static str {
    match ty {
        Wasm::I32 => "i32",
        Wasm::I64 => "i64",
        Wasm::F32 => "f32",
        Wasm::F64 => "f64",
    }
}
