//! Asks the C compiler whether the bindings tell the truth.
//!
//! For every bound struct the size, the alignment and each offset are asserted, for typedefs and enums the size, for
//! constants the value, with the compiler and the flags of the library. bindgen reports names in its own way, so a first
//! run tries the spellings that C may have for a type, and the values that a macro may have.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use sandbox_toolchain::ExecError;

use crate::Error;
use crate::bindings::ir::{Const, Enum, Record, ScalarKind, Ty, TypeItem, Value};
use crate::bindings::select::{Form, Selection};
use crate::compile::{Compiler, Settings, describe, run};

/// Checks every layout, and drops the constants whose value C does not confirm.
pub(crate) fn check(
    compiler: &Compiler<'_>,
    settings: &Settings,
    header: &Path,
    folder: &Path,
    selection: &mut Selection<'_>,
) -> Result<(), Error> {
    let mut file = CheckFile::new(header);
    let mut spellings: Vec<(String, String, usize)> = Vec::new();
    for (name, spelling) in candidates(selection) {
        let line = file.line(&format!("enum {{ sandbox_probe_{} = sizeof({spelling}) }};", spellings.len()));
        spellings.push((name, spelling, line));
    }
    let mut values: Vec<(usize, Value, usize)> = Vec::new();
    for (index, constant) in selection.consts.iter().enumerate() {
        for value in possible(&constant.value) {
            let line = file.line(&assertion(&constant.name, &value));
            values.push((index, value, line));
        }
    }
    let wrong = file.failing_lines(compiler, settings, &folder.join("probe.c"))?;

    let mut spelled: HashMap<String, String> = HashMap::new();
    for (name, spelling, line) in spellings {
        if !wrong.contains(&line) {
            spelled.entry(name).or_insert(spelling);
        }
    }
    confirm(compiler.library, selection, values, &wrong)?;

    let mut file = CheckFile::new(header);
    // Says so if a flag changed it: the bindings pass a char sign-extended.
    file.line("_Static_assert((char)-1 < 0, \"plain char is signed, as the bindings say\");");
    // Once more, and this time a failure is an error: the probe only chose between values.
    for constant in &selection.consts {
        file.line(&assertion(&constant.name, &constant.value));
    }
    for (name, form) in &selection.types {
        match (selection.declarations.find(name), form) {
            (Some(TypeItem::Record(record)), Some(Form::Plain)) => match spelled.get(name) {
                Some(spelling) => assert_record(&mut file, record, spelling),
                // Members of an unnamed member are asserted as the outer struct's.
                None => assert_members(&mut file, selection, &spelled, record, &record.name, 0),
            },
            (Some(TypeItem::Enum(enumeration)), _) => {
                if let Some(spelling) = spelled.get(name) {
                    assert_enum(&mut file, enumeration, spelling);
                }
            }
            (Some(TypeItem::Alias(alias)), _) => {
                // `sizeof` a function type means nothing.
                let function = matches!(selection.declarations.resolve(&alias.ty), Ty::Function(_));
                if let (Some((size, _)), false) = (selection.declarations.layout(&alias.ty), function) {
                    let c_name = &alias.c_name;
                    file.line(&format!("_Static_assert(sizeof({c_name}) == {size}, \"size of {c_name}\");"));
                }
            }
            _ => {}
        }
    }
    let path = folder.join("layout.c");
    file.write(&path)?;
    let mut command = compiler.command(&path, settings)?;
    command.arg("-fsyntax-only").arg(&path);
    run(&mut command).map(drop).map_err(|error| Error::Layout { library: compiler.library.to_owned(), tool: describe(&error) })
}

/// The spellings that C may have for each bound struct and enum.
fn candidates(selection: &Selection<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, form) in &selection.types {
        match (selection.declarations.find(name), form) {
            (Some(TypeItem::Record(record)), Some(Form::Plain)) => {
                if let Some(c_name) = &record.c_name {
                    found.push((name.clone(), format!("struct {c_name}")));
                    found.push((name.clone(), c_name.clone()));
                }
                // A type without a name has a place: the field of another one.
                for (outer, path) in holders(selection, name) {
                    found.push((name.clone(), format!("__typeof__(((struct {outer}*)0)->{path})")));
                    found.push((name.clone(), format!("__typeof__((({outer}*)0)->{path})")));
                }
            }
            (Some(TypeItem::Enum(_)), _) => {
                found.push((name.clone(), format!("enum {name}")));
                found.push((name.clone(), name.clone()));
            }
            _ => {}
        }
    }
    found
}

/// The fields that hold a type by value: the outer struct's C name, and the expression behind it.
fn holders(selection: &Selection<'_>, inner: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in &selection.declarations.types {
        let TypeItem::Record(outer) = item else { continue };
        for field in outer.fields.iter().filter(|field| !field.unnamed()) {
            let mut ty = &field.ty;
            let mut path = field.name.clone();
            while let Ty::Array(element, _) = ty {
                ty = element;
                path.push_str("[0]");
            }
            if *ty != Ty::Named(inner.to_owned()) {
                continue;
            }
            if let Some(c_name) = &outer.c_name {
                found.push((c_name.clone(), path));
            } else {
                found.extend(holders(selection, &outer.name).into_iter().map(|(name, before)| (name, format!("{before}.{path}"))));
            }
        }
    }
    found
}

fn assert_record(file: &mut CheckFile, record: &Record, spelling: &str) {
    let name = &record.name;
    if let (Some(size), Some(align)) = (record.size, record.align) {
        file.line(&format!("_Static_assert(sizeof({spelling}) == {size}, \"size of {name}\");"));
        file.line(&format!("_Static_assert(_Alignof({spelling}) == {align}, \"alignment of {name}\");"));
    }
    for field in record.fields.iter().filter(|field| !field.unnamed()) {
        if let Some(offset) = field.offset {
            let member = &field.name;
            file.line(&format!("_Static_assert(__builtin_offsetof({spelling}, {member}) == {offset}, \"offset of {member} in {name}\");"));
        }
    }
}

/// Asserts the members of a struct that has no name and no place, through the struct that they belong to.
fn assert_members(
    file: &mut CheckFile,
    selection: &Selection<'_>,
    spelled: &HashMap<String, String>,
    members: &Record,
    inner: &str,
    base: u64,
) {
    for item in &selection.declarations.types {
        let TypeItem::Record(outer) = item else { continue };
        for field in outer.fields.iter().filter(|field| field.unnamed() && field.ty == Ty::Named(inner.to_owned())) {
            let base = base + field.offset.unwrap_or(0);
            let Some(spelling) = spelled.get(&outer.name) else {
                assert_members(file, selection, spelled, members, &outer.name, base);
                continue;
            };
            for member in members.fields.iter().filter(|member| !member.unnamed()) {
                let (name, offset) = (&member.name, base + member.offset.unwrap_or(0));
                file.line(&format!("_Static_assert(__builtin_offsetof({spelling}, {name}) == {offset}, \"offset of {name}\");"));
            }
        }
    }
}

fn assert_enum(file: &mut CheckFile, enumeration: &Enum, spelling: &str) {
    let name = &enumeration.name;
    file.line(&format!("_Static_assert(sizeof({spelling}) == {}, \"size of {name}\");", enumeration.repr.size));
    let sign = if enumeration.repr.kind == ScalarKind::Signed { "<" } else { ">" };
    if !enumeration.variants.is_empty() {
        file.line(&format!("_Static_assert(({spelling})-1 {sign} 0, \"sign of {name}\");"));
    }
    for variant in &enumeration.variants {
        let number = int_literal(variant.value);
        file.line(&format!("_Static_assert({} == {number}, \"value of {}\");", variant.name, variant.name));
    }
}

/// The values that C may mean where bindgen says one: it computes in signed 64-bit numbers, and in `double`.
fn possible(value: &Value) -> Vec<Value> {
    let mut values = vec![value.clone()];
    match value {
        Value::Int(number, _) if *number < 0 => {
            if let Ok(number) = i32::try_from(*number) {
                values.push(Value::Int(number.cast_unsigned().into(), "c_uint"));
            }
            if let Ok(number) = i64::try_from(*number) {
                values.push(Value::Int(number.cast_unsigned().into(), "u64"));
            }
        }
        Value::Float(number, false) => values.push(Value::Float(*number, true)),
        _ => {}
    }
    values
}

fn assertion(name: &str, value: &Value) -> String {
    match value {
        Value::Int(number, _) => {
            let sign = if *number < 0 { "<" } else { ">=" };
            format!("_Static_assert(({name}) == {} && ({name}) {sign} 0, \"\");", int_literal(*number))
        }
        Value::Float(number, single) => {
            format!("_Static_assert(({name}) == {}({number:e}), \"\");", if *single { "(float)" } else { "" })
        }
        Value::Str(_, length) => format!("_Static_assert(sizeof({name}) == {}, \"\");", length + 1),
    }
}

fn int_literal(number: i128) -> String {
    if number == i128::from(i64::MIN) {
        // C has no negative literals, and the positive one does not fit.
        return "(-9223372036854775807LL-1)".to_owned();
    }
    let suffix = if number > i128::from(i64::MAX) {
        "ULL"
    } else if i32::try_from(number).is_ok() {
        ""
    } else {
        "LL"
    };
    format!("({number}{suffix})")
}

/// Keeps the constants for which a value held.
fn confirm(library: &str, selection: &mut Selection<'_>, values: Vec<(usize, Value, usize)>, wrong: &HashSet<usize>) -> Result<(), Error> {
    let mut confirmed: HashMap<usize, Value> = HashMap::new();
    for (index, value, line) in values {
        if !wrong.contains(&line) {
            confirmed.entry(index).or_insert(value);
        }
    }
    let mut kept: Vec<Const> = Vec::new();
    for (index, constant) in std::mem::take(&mut selection.consts).into_iter().enumerate() {
        match confirmed.remove(&index) {
            Some(value) => kept.push(Const { value, ..constant }),
            None if selection.named_consts.contains(&constant.name) => {
                return Err(Error::UnknownSymbol {
                    library: library.to_owned(),
                    patterns: vec![format!(
                        ".allow_var(\"{0}\"): the C compiler does not confirm the value of `{0}` as a constant; \
                         return it from a function in a shim, or remove the pattern",
                        constant.name
                    )],
                });
            }
            None => {}
        }
    }
    selection.consts = kept;
    Ok(())
}

/// A C file with one check a line.
struct CheckFile {
    text: String,
    lines: usize,
}

impl CheckFile {
    fn new(header: &Path) -> Self {
        let mut file = Self { text: String::new(), lines: 0 };
        file.line(&format!("#include \"{}\"", header.display()));
        file
    }

    /// Adds a line and returns its number.
    fn line(&mut self, text: &str) -> usize {
        let _ = writeln!(self.text, "{text}");
        self.lines += 1;
        self.lines
    }

    fn write(&self, path: &Path) -> Result<(), Error> {
        std::fs::write(path, &self.text).map_err(Error::io("write", path))
    }

    /// Compiles the file and returns the lines that do not hold.
    fn failing_lines(&self, compiler: &Compiler<'_>, settings: &Settings, path: &Path) -> Result<HashSet<usize>, Error> {
        self.write(path)?;
        let mut command = compiler.command(path, settings)?;
        command.args(["-fsyntax-only", "-ferror-limit=0", "-fno-color-diagnostics", "-fno-caret-diagnostics"]).arg(path);
        match run(&mut command) {
            Ok(_) => Ok(HashSet::new()),
            Err(ExecError::Failed { stderr, .. }) => {
                let prefix = format!("{}:", path.display());
                Ok(stderr
                    .lines()
                    .filter(|line| line.contains("error:"))
                    .filter_map(|line| line.strip_prefix(&prefix)?.split(':').next()?.parse().ok())
                    .collect())
            }
            Err(error) => Err(error.into()),
        }
    }
}
