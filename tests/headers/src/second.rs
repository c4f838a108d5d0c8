//! A second opinion: bindings as text, translated back to C, and held against the headers by the C
//! compiler.
//!
//! Nothing here comes from `build-support`, which asks the compiler too, in its own way: this reads
//! what an application reads.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sandbox_toolchain::{Language, SetjmpSupport, Toolchain, exec, setjmp};

use read::{Bound, Ty, c_str};
use spell::{Spell, literal, scalar};

mod lost;
mod read;
mod spell;

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
        wrong.extend(self.declarations(headers, &bound)?);
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
            // An array of a negative length is an error, and its length may be what only clang can
            // tell.
            file.ask(format!("constant {name}: {ty}"), &format!("extern char q@[({size}) ? 1 : -1];"));
            file.ask(format!("constant {name} = {value}"), &format!("static char q@[({holds}) ? 1 : -1];"));
        }
        self.answer(file, "constants.c")
    }

    fn declarations(&self, headers: &[String], bound: &Bound) -> Result<Vec<String>, Box<dyn Error>> {
        // The headers' own macros must not answer.
        let unit = self.folder.join("unit.c");
        fs::write(&unit, include(headers))?;
        let mut expand = self.command();
        expand.args(WITHOUT.map(|word| format!("-D{word}="))).arg("-D_Atomic(type)=type");
        let text = self.folder.join("text.i");
        exec::run_within(expand.args(["-E", "-P", "-o"]).arg(&text).arg(&unit), LIMIT)?;
        let text = fs::read(&text)?;
        let spellings = self.spellings(&text, bound)?;
        let spell = Spell { bound, spellings: &spellings };
        let mut file = Questions::new(text);
        for (name, ty) in &bound.aliases {
            let function = matches!(bound.resolve(ty), Ty::Function(_));
            let c_name = spellings.get(name.as_str()).map_or(name.as_str(), String::as_str);
            match spell.ty(ty) {
                // The bindings have one type for a function and for a pointer to it, whichever the
                // typedef names.
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
            match spell.functions(ty) {
                // A result that is `const` says nothing, and bindgen drops it.
                Some([ty, other]) => file.either(&format!("function {name}"), [&ty, &other], &format!("__typeof__({name})")),
                // What the bindings do not know is the type of the function behind a pointer: the
                // parameters remain.
                None => {
                    let arguments: Option<Vec<String>> = ty.params.iter().map(|param| spell.argument(param)).collect();
                    let call = arguments.map(|arguments| format!("{name}({})", arguments.join(", ")));
                    file.ask(
                        format!("function {name}"),
                        &call.map_or("extern char q@[-1];".to_owned(), |call| format!("extern char q@[sizeof({call}) + 1];")),
                    );
                }
            }
        }
        for (name, ty) in &bound.variables {
            match spell.ty(ty) {
                Some(ty) => file.same(&format!("variable {name}"), &format!("__typeof__({name})"), &ty),
                // It is a pointer, or an array of pointers, to functions of which nothing is known.
                None => file.ask(format!("variable {name}"), &format!("extern char q@[__builtin_classify_type({name}) == 5 ? 1 : -1];")),
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
            // A pointer to a tag declares it, if it is not there; the size of a function is no
            // error.
            candidates.extend(if record.fields.is_none() { [&[plain][..], &tagged].concat() } else { [&tagged[..], &[plain]].concat() });
            for keyword in ["struct", "union"] {
                if let Some(tag) = record.name.strip_prefix(keyword).and_then(|rest| rest.strip_prefix('_')) {
                    candidates.push((&record.name, format!("{keyword} {}", tag.trim_end_matches('_'))));
                }
            }
            candidates.extend(bound.behind(&record.name).into_iter().map(|place| (&record.name, format!("__typeof__({place})"))));
            for (outer, path) in bound.holders(&record.name) {
                let named = [format!("(*(struct {outer} *)0)"), format!("(*(union {outer} *)0)"), format!("(*({outer} *)0)")];
                let places = named.into_iter().chain(bound.behind(outer));
                candidates.extend(places.map(|place| (&record.name, format!("__typeof__({place}.{path})"))));
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

    /// Adds a declaration that is an error if something is not as it should be. Its `@` is a
    /// number.
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
