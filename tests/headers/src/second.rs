//! A second opinion: bindings as text, translated back to C, and held against the headers by the C compiler.
//!
//! Nothing here comes from `build-support`, which asks the compiler too, in its own way: this reads what an application reads.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sandbox_toolchain::{Language, SetjmpSupport, Toolchain, exec, setjmp};

/// Whom to ask, and about which headers.
#[derive(Debug)]
pub struct Compiler {
    toolchain: Toolchain,
    setjmp: SetjmpSupport,
    includes: Vec<PathBuf>,
    defines: Vec<(String, Option<String>)>,
    folder: PathBuf,
}

/// The qualifiers that the bindings have no word for.
const WITHOUT: [&str; 6] = ["volatile", "__volatile", "__volatile__", "restrict", "__restrict", "__restrict__"];

/// How long one question may take.
const LIMIT: Duration = Duration::from_secs(120);

impl Compiler {
    /// Finds the compiler.
    ///
    /// # Errors
    /// If there is none.
    pub fn new(folder: &Path, includes: &[PathBuf], defines: &[(String, Option<String>)]) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let toolchain = Toolchain::find()?;
        let setjmp = setjmp::install(&toolchain, &folder.join("setjmp"))?;
        Ok(Self { toolchain, setjmp, includes: includes.to_vec(), defines: defines.to_vec(), folder: folder.to_owned() })
    }

    fn command(&self) -> Command {
        let mut command = exec::tool(self.toolchain.clang());
        command.args(self.toolchain.compile_flags(Language::C));
        for folder in &self.setjmp.include_dirs {
            command.arg("-isystem").arg(folder);
        }
        command.args(&self.setjmp.compile_flags).args(["-msimd128", "-O3", "-w", "-fno-caret-diagnostics", "-ferror-limit=0"]);
        for folder in &self.includes {
            command.arg("-I").arg(folder);
        }
        for (name, value) in &self.defines {
            command.arg(value.as_ref().map_or_else(|| format!("-D{name}"), |value| format!("-D{name}={value}")));
        }
        command
    }

    /// Says what is wrong with headers that do not compile.
    ///
    /// # Errors
    /// If the compiler cannot be run.
    pub fn complaint(&self, headers: &[String]) -> Result<Option<String>, Box<dyn Error>> {
        let unit = self.folder.join("unit.c");
        fs::write(&unit, include(headers))?;
        match exec::run_within(self.command().arg("-fsyntax-only").arg(&unit), LIMIT) {
            Ok(_) => Ok(None),
            Err(exec::ExecError::Failed { stderr, .. }) => {
                let line = stderr.lines().find(|line| line.contains("error: ")).unwrap_or_default();
                let (place, message) = line.split_once(" fatal error: ").or_else(|| line.split_once(" error: ")).unwrap_or(("", &stderr));
                let file = place.split(':').next().and_then(|path| Path::new(path).file_name()).unwrap_or_default();
                Ok(Some(format!("{}: {message}", file.display())))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what of the bindings the compiler has otherwise.
    ///
    /// # Errors
    /// If the compiler cannot be run, or the bindings cannot be read.
    pub fn disagreements(&self, headers: &[String], bindings: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let bound = Bound::read(bindings)?;
        let mut wrong = self.constants(headers, &bound)?;
        // Types first as they are, and where that fails without `const`, which says nothing in `const int f(void)`.
        let with = self.declarations(headers, &bound, true)?;
        if !with.is_empty() {
            let without: HashSet<String> = self.declarations(headers, &bound, false)?.into_iter().collect();
            wrong.extend(with.into_iter().filter(|text| without.contains(text)));
        }
        Ok(wrong)
    }

    fn constants(&self, headers: &[String], bound: &Bound) -> Result<Vec<String>, Box<dyn Error>> {
        // What a macro says to the compiler is no part of its value.
        let mut file = Questions::new((include(headers) + "#define _Pragma(text)\n").into_bytes());
        for (name, ty, value) in &bound.constants {
            let (size, holds) = if ty == "&CStr" {
                let bytes = c_str(value).ok_or_else(|| format!("{name} = {value} cannot be read"))?;
                let text: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
                let length = bytes.len() + 1;
                (format!("sizeof({name}) == {length}"), format!("__builtin_memcmp({name}, \"{text}\", {length}) == 0"))
            } else {
                let ty = scalar(ty).ok_or_else(|| format!("{name} has the type {ty}, which is none of C"))?;
                let value = literal(value);
                (format!("__builtin_types_compatible_p(__typeof__(({name})), {ty})"), format!("({name}) == ({ty}){value}"))
            };
            // An array of a negative length is an error, and its length may be what only clang can tell.
            file.ask(format!("constant {name}: {ty}"), &format!("extern char q@[({size}) ? 1 : -1];"));
            file.ask(format!("constant {name} = {value}"), &format!("static char q@[({holds}) ? 1 : -1];"));
        }
        self.answer(file, "constants.c")
    }

    fn declarations(&self, headers: &[String], bound: &Bound, constant: bool) -> Result<Vec<String>, Box<dyn Error>> {
        // The headers' own macros must not answer.
        let unit = self.folder.join("unit.c");
        fs::write(&unit, include(headers))?;
        let mut expand = self.command();
        expand.args(WITHOUT.map(|word| format!("-D{word}="))).arg("-D_Atomic(type)=type");
        if !constant {
            expand.args(["const", "__const", "__const__"].map(|word| format!("-D{word}=")));
        }
        let text = self.folder.join("text.i");
        exec::run_within(expand.args(["-E", "-P", "-o"]).arg(&text).arg(&unit), LIMIT)?;
        let text = fs::read(&text)?;
        let spellings = self.spellings(&text, bound)?;
        let spell = Spell { bound, spellings: &spellings, constant };
        let mut file = Questions::new(text);
        for (name, ty) in &bound.aliases {
            let function = matches!(bound.resolve(ty), Ty::Function(_));
            let c_name = spellings.get(name.as_str()).map_or(name.as_str(), String::as_str);
            match spell.ty(ty) {
                // The bindings have one type for a function and for a pointer to it, whichever the typedef names.
                Some(ty) if function => file.either(&format!("type {name}"), [c_name, &format!("__typeof__({c_name}) *")], &ty),
                Some(ty) => file.same(&format!("type {name}"), &format!("__typeof__({c_name})"), &ty),
                None => {}
            }
        }
        for (name, repr, values) in &bound.enums {
            if let (Some(spelling), Some(repr)) = (spellings.get(name), scalar(repr)) {
                file.ask(format!("enum {name}"), &format!("extern char q@[sizeof({spelling}) == sizeof({repr}) && ((({spelling})-1 < 0) == (({repr})-1 < 0) || ({spelling})2 == ({spelling})1) ? 1 : -1];"));
            }
            for (name, value) in values {
                file.ask(format!("enumerator {name} = {value}"), &format!("extern char q@[{name} == {} ? 1 : -1];", literal(value)));
            }
        }
        for record in bound.records.iter().filter(|record| record.fields.is_some()) {
            let Some(spelling) = spellings.get(&record.name) else { continue };
            let (size, align) = record.layout;
            file.ask(
                format!("size of {}", record.name),
                &format!("extern char q@[sizeof({spelling}) == {size} && _Alignof({spelling}) == {align} ? 1 : -1];"),
            );
            for field in record.fields.iter().flatten() {
                // Where a bit-field is, C cannot say.
                let Some(offset) = field.offset.filter(|_| !field.anonymous) else { continue };
                let name = &field.name;
                file.ask(
                    format!("offset of {name} in {}", record.name),
                    &format!("extern char q@[__builtin_offsetof({spelling}, {name}) == {offset} ? 1 : -1];"),
                );
                if let Some(ty) = spell.ty(&field.ty) {
                    file.same(&format!("field {name} of {}", record.name), &format!("__typeof__((({spelling} *)0)->{name})"), &ty);
                }
            }
        }
        for (name, ty) in &bound.functions {
            if let Some(ty) = spell.function(ty) {
                file.same(&format!("function {name}"), &format!("__typeof__({name})"), &ty);
            }
        }
        for (name, ty) in &bound.variables {
            if let Some(ty) = spell.ty(ty) {
                file.same(&format!("variable {name}"), &format!("__typeof__({name})"), &ty);
            }
        }
        self.answer(file, "declarations.i")
    }

    /// Finds how C spells each type.
    fn spellings(&self, text: &[u8], bound: &Bound) -> Result<HashMap<String, String>, Box<dyn Error>> {
        let mut file = Questions::new(text.to_vec());
        let mut asked = Vec::new();
        let mut candidates = Vec::new();
        for record in &bound.records {
            let tagged = ["struct", "union"].map(|keyword| (&record.name, format!("{keyword} {}", record.name)));
            let plain = (&record.name, record.name.clone());
            // A pointer to a tag declares it, if it is not there; the size of a function is no error.
            candidates.extend(if record.fields.is_none() { [&[plain][..], &tagged].concat() } else { [&tagged[..], &[plain]].concat() });
            for keyword in ["struct", "union"] {
                if let Some(tag) = record.name.strip_prefix(keyword).and_then(|rest| rest.strip_prefix('_')) {
                    candidates.push((&record.name, format!("{keyword} {}", tag.trim_end_matches('_'))));
                }
            }
            for (outer, path) in bound.holders(&record.name) {
                for outer in [format!("struct {outer}"), format!("union {outer}"), outer.to_owned()] {
                    candidates.push((&record.name, format!("__typeof__((({outer} *)0)->{path})")));
                }
            }
        }
        for (name, ..) in &bound.enums {
            candidates.extend([format!("enum {name}"), name.clone()].map(|c| (name, c)));
            if let Some(tag) = name.strip_prefix("enum_") {
                candidates.push((name, format!("enum {}", tag.trim_end_matches('_'))));
            }
        }
        for (name, _) in &bound.aliases {
            candidates.push((name, name.clone()));
            candidates.push((name, name.trim_end_matches('_').to_owned()));
        }
        for (name, spelling) in candidates {
            let opaque = bound.records.iter().any(|record| record.name == *name && record.fields.is_none());
            let is_alias = bound.aliases.iter().any(|(alias, _)| alias == name);
            let name_of_question = asked.len().to_string();
            file.ask(
                name_of_question,
                &if opaque || is_alias { format!("extern {spelling} *q@;") } else { format!("extern char q@[sizeof({spelling}) + 1];") },
            );
            asked.push((name.clone(), spelling));
        }
        let wrong: HashSet<String> = self.answer(file, "spellings.i")?.into_iter().collect();
        let mut spellings = HashMap::new();
        for (number, (name, spelling)) in asked.into_iter().enumerate() {
            if !wrong.contains(&number.to_string()) {
                spellings.entry(name).or_insert(spelling);
            }
        }
        Ok(spellings)
    }

    /// Compiles questions, and returns what those are about that do not hold.
    fn answer(&self, mut file: Questions, name: &str) -> Result<Vec<String>, Box<dyn Error>> {
        // Without this error the others would say nothing.
        file.ask("the end".to_owned(), "extern char q@[-1];");
        let path = self.folder.join(name);
        fs::write(&path, &file.text)?;
        let stderr = match exec::run_within(self.command().arg("-fsyntax-only").arg(&path), LIMIT) {
            Ok(exec::Finished { stderr, .. }) | Err(exec::ExecError::Failed { stderr, .. }) => stderr,
            Err(error) => return Err(error.into()),
        };
        let mut wrong: BTreeMap<usize, &str> = BTreeMap::new();
        for line in stderr.lines() {
            if let Some((place, _)) = line.split_once("error: ")
                && let Some(number) = place.strip_prefix("questions:").and_then(|rest| rest.split(':').next()?.parse::<usize>().ok())
                && let Some(about) = number.checked_sub(1).and_then(|index| file.about.get(index))
            {
                wrong.insert(number, about);
            }
        }
        match wrong.remove(&file.about.len()) {
            Some(_) => Ok(wrong.into_values().map(str::to_owned).collect()),
            None => Err(format!("the compiler does not answer {}:\n{}", path.display(), stderr.get(..2000).unwrap_or(&stderr)).into()),
        }
    }
}

fn include(headers: &[String]) -> String {
    headers.iter().map(|header| format!("#include <{header}>\n")).collect()
}

/// A C file with one question a line.
struct Questions {
    text: Vec<u8>,
    about: Vec<String>,
}

impl Questions {
    fn new(mut text: Vec<u8>) -> Self {
        text.extend_from_slice(b"\n# 1 \"questions\"\n");
        Self { text, about: Vec::new() }
    }

    /// Adds a declaration that is an error if something is not as it should be. Its `@` is a number.
    fn ask(&mut self, about: String, line: &str) {
        let name = format!("sandbox_{}", self.about.len());
        self.text.extend_from_slice(line.replacen("q@", &name, 1).as_bytes());
        self.text.push(b'\n');
        self.about.push(about);
    }

    fn same(&mut self, about: &str, one: &str, other: &str) {
        self.ask(about.to_owned(), &format!("extern char q@[__builtin_types_compatible_p({one}, {other}) ? 1 : -1];"));
    }

    fn either(&mut self, about: &str, [one, two]: [&str; 2], other: &str) {
        let line = format!(
            "extern char q@[__builtin_types_compatible_p({one}, {other}) || __builtin_types_compatible_p({two}, {other}) ? 1 : -1];"
        );
        self.ask(about.to_owned(), &line);
    }
}

/// A type of the bindings.
#[derive(Debug, Clone, PartialEq)]
enum Ty {
    Named(String),
    Pointer(Box<Ty>, bool),
    Array(Box<Ty>, Option<u64>),
    Function(Box<Function>),
}

#[derive(Debug, Clone, PartialEq)]
struct Function {
    params: Vec<Ty>,
    variadic: bool,
    result: Option<Ty>,
}

#[derive(Debug)]
struct Record {
    name: String,
    layout: (u64, u64),
    /// None of an opaque type.
    fields: Option<Vec<Field>>,
}

#[derive(Debug)]
struct Field {
    name: String,
    ty: Ty,
    /// None of a bit-field.
    offset: Option<u64>,
    anonymous: bool,
}

/// An enum: its name, its integer, its enumerators with their values.
type Enum = (String, String, Vec<(String, String)>);

/// What the bindings have.
#[derive(Debug, Default)]
struct Bound {
    /// Name, type and value.
    constants: Vec<(String, String, String)>,
    aliases: Vec<(String, Ty)>,
    enums: Vec<Enum>,
    records: Vec<Record>,
    functions: Vec<(String, Function)>,
    variables: Vec<(String, Ty)>,
}

impl Bound {
    /// Reads `bindings.rs`, which has one item a line.
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut bound = Self::default();
        let (mut layout, mut repr) = ((0, 0), String::new());
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("#[link_name")) {
            let unreadable = || format!("this line of the bindings cannot be read: {line}");
            if let Some(rest) = line.strip_prefix("#[layout(size = ") {
                let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
                layout = (numbers.next().ok_or_else(unreadable)?, numbers.next().ok_or_else(unreadable)?);
            } else if let Some(rest) = line.strip_prefix("#[repr(") {
                repr = rest.trim_end_matches(")]").to_owned();
            } else if let Some(rest) = line.strip_prefix("pub const ") {
                let (name, rest) = rest.split_once(": ").ok_or_else(unreadable)?;
                let (ty, value) = rest.split_once(" = ").ok_or_else(unreadable)?;
                bound.constants.push((name.to_owned(), ty.to_owned(), value.strip_suffix(';').ok_or_else(unreadable)?.to_owned()));
            } else if let Some(rest) = line.strip_prefix("pub enum ") {
                bound.enums.push((rest.trim_end_matches(" {").to_owned(), repr.clone(), Vec::new()));
            } else if line.starts_with("#[offset(") || line.starts_with("#[bits(") {
                let (place, rest) = line.split_once(")]").ok_or_else(unreadable)?;
                let offset = place.strip_prefix("#[offset(").map(str::parse).transpose()?;
                let (before, rest) = rest.split_once("pub ").ok_or_else(unreadable)?;
                let (name, ty) = rest.split_once(": ").ok_or_else(unreadable)?;
                let ty = Reader::read(ty.strip_suffix(',').ok_or_else(unreadable)?).ok_or_else(unreadable)?;
                let field = Field { name: name.to_owned(), ty, offset, anonymous: before.contains("anonymous") };
                bound.records.last_mut().and_then(|record| record.fields.as_mut()).ok_or_else(unreadable)?.push(field);
            } else if let Some(rest) = line.strip_prefix("pub fn ") {
                let (name, rest) = rest.split_once('(').ok_or_else(unreadable)?;
                let function = Reader(rest).signature().ok_or_else(unreadable)?;
                bound.functions.push((name.to_owned(), function));
            } else if let Some(rest) = line.strip_prefix("pub static ") {
                let (name, ty) = rest.split_once(": ").ok_or_else(unreadable)?;
                bound.variables.push((name.to_owned(), Reader::read(ty.trim_end_matches(';')).ok_or_else(unreadable)?));
            } else if let Some((name, ty)) = line.strip_prefix("pub type ").and_then(|rest| rest.split_once(" = ")) {
                bound.aliases.push((name.to_owned(), Reader::read(ty.trim_end_matches(';')).ok_or_else(unreadable)?));
            } else if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub union ")) {
                let fields = rest.ends_with('{').then(Vec::new);
                bound.records.push(Record { name: rest.trim_end_matches([';', '{', ' ']).to_owned(), layout, fields });
            } else if let Some((name, value)) = line.trim_end_matches(',').split_once(" = ")
                && let Some((_, _, values)) = bound.enums.last_mut()
            {
                values.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(bound)
    }

    /// Follows typedefs to what they stand for.
    fn resolve<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        for _ in 0..self.aliases.len() {
            let Ty::Named(name) = ty else { break };
            let Some((_, to)) = self.aliases.iter().find(|(alias, _)| alias == name) else { break };
            ty = to;
        }
        ty
    }

    /// The fields that hold a type: the outer record, and what is behind its pointer in C.
    fn holders(&self, inner: &str) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        for record in self.records.iter().filter(|record| record.name != inner && inner.starts_with(&record.name)) {
            for field in record.fields.iter().flatten() {
                let (mut ty, mut path) = (&field.ty, field.name.clone());
                while let Ty::Array(element, _) | Ty::Pointer(element, _) = ty {
                    ty = element;
                    path.push_str("[0]");
                }
                if *ty == Ty::Named(inner.to_owned()) && !field.anonymous {
                    found.push((record.name.as_str(), path.clone()));
                    let deeper = self.holders(&record.name).into_iter().map(|(outer, before)| (outer, format!("{before}.{path}")));
                    found.extend(deeper);
                }
            }
        }
        found
    }
}

/// Reads a type from its beginning.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn read(text: &'a str) -> Option<Ty> {
        let mut reader = Self(text);
        let ty = reader.ty()?;
        reader.0.trim().is_empty().then_some(ty)
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn ty(&mut self) -> Option<Ty> {
        if self.eat("*const ") {
            return Some(Ty::Pointer(Box::new(self.ty()?), true));
        }
        if self.eat("*mut ") {
            return Some(Ty::Pointer(Box::new(self.ty()?), false));
        }
        if self.eat("[") {
            let element = self.ty()?;
            if self.eat("]") {
                return Some(Ty::Array(Box::new(element), None));
            }
            let (length, rest) = self.0.strip_prefix(';')?.split_once(']')?;
            self.0 = rest;
            return Some(Ty::Array(Box::new(element), Some(length.trim().parse().ok()?)));
        }
        if self.eat("Option<unsafe extern \"C\" fn(") {
            let function = self.signature()?;
            return self.eat(">").then(|| Ty::Function(Box::new(function)));
        }
        self.eat("::std::primitive::");
        Some(Ty::Named(self.word()?))
    }

    fn word(&mut self) -> Option<String> {
        let text = self.0.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// What is behind the opening bracket of the parameters.
    fn signature(&mut self) -> Option<Function> {
        let mut function = Function { params: Vec::new(), variadic: false, result: None };
        while !self.eat(")") {
            if self.eat("...") {
                function.variadic = true;
            } else {
                self.word()?;
                self.eat(":").then_some(())?;
                function.params.push(self.ty()?);
            }
            self.eat(",");
        }
        if self.eat("->") && !self.eat("!") {
            function.result = Some(self.ty()?);
        }
        Some(function)
    }
}

/// Writes types as C.
struct Spell<'a> {
    bound: &'a Bound,
    spellings: &'a HashMap<String, String>,
    constant: bool,
}

impl Spell<'_> {
    fn ty(&self, ty: &Ty) -> Option<String> {
        Some(match ty {
            Ty::Named(_) if let function @ Ty::Function(_) = self.bound.resolve(ty) => self.ty(function)?,
            Ty::Named(name) => match self.spellings.get(name) {
                Some(spelling) => spelling.clone(),
                None if self.bound.records.iter().any(|record| record.name == *name) => return None,
                None => scalar(name)?.to_owned(),
            },
            Ty::Pointer(to, true) if self.constant => format!("__typeof__(const {} *)", self.ty(to)?),
            Ty::Pointer(to, _) => format!("__typeof__({} *)", self.ty(to)?),
            Ty::Array(element, Some(length)) => format!("__typeof__({}[{length}])", self.ty(element)?),
            Ty::Array(element, None) => format!("__typeof__({}[])", self.ty(element)?),
            Ty::Function(function) => format!("__typeof__({} *)", self.function(function)?),
        })
    }

    fn function(&self, function: &Function) -> Option<String> {
        let mut params = function.params.iter().map(|param| self.ty(param)).collect::<Option<Vec<String>>>()?;
        match (params.is_empty(), function.variadic) {
            (true, true) => return None,
            (true, false) => params.push("void".to_owned()),
            (false, true) => params.push("...".to_owned()),
            (false, false) => {}
        }
        let result = function.result.as_ref().map_or(Some("void".to_owned()), |result| self.ty(result))?;
        Some(format!("__typeof__({result} ({}))", params.join(", ")))
    }
}

/// Returns C's name of a scalar.
fn scalar(name: &str) -> Option<&'static str> {
    Some(match name {
        "c_void" => "void",
        "bool" => "_Bool",
        "c_char" => "char",
        "c_schar" | "i8" => "signed char",
        "c_uchar" | "u8" => "unsigned char",
        "c_short" | "i16" => "short",
        "c_ushort" | "u16" => "unsigned short",
        "c_int" | "i32" => "int",
        "c_uint" | "u32" => "unsigned int",
        "c_long" | "isize" => "long",
        "c_ulong" | "usize" => "unsigned long",
        "c_longlong" | "i64" => "long long",
        "c_ulonglong" | "u64" => "unsigned long long",
        "c_float" | "f32" => "float",
        "c_double" | "f64" => "double",
        _ => return None,
    })
}

/// Writes a number as C.
fn literal(value: &str) -> String {
    match value {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        "-9223372036854775808" => "(-9223372036854775807LL - 1)".to_owned(),
        _ if value.contains(['.', 'e']) => format!("({value})"),
        _ if value.parse::<i64>().is_ok() => format!("({value}LL)"),
        _ => format!("({value}ULL)"),
    }
}

/// Reads `c"text"`.
fn c_str(literal: &str) -> Option<Vec<u8>> {
    let text = literal.strip_prefix("c\"")?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => bytes.push(match chars.next()? {
                'n' => b'\n',
                't' => b'\t',
                'r' => b'\r',
                'x' => {
                    let digits: String = chars.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).ok()?
                }
                other => u8::try_from(other).ok()?,
            }),
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(bytes)
}
