//! What the headers declare, and neither is bound nor is refused.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use sandbox_toolchain::exec;

use super::read::Bound;
use super::{Compiler, LIMIT, Questions, include};
use crate::found::Found;

/// What the compiler has of one kind: how its list of declarations calls it, and how the answer
/// does.
const KINDS: [(&str, &str); 4] =
    [("FunctionDecl", "function"), ("VarDecl", "variable"), ("TypedefDecl", "type"), ("EnumConstantDecl", "enumerator")];

impl Compiler {
    /// Returns what the library's own headers declare, and neither the bindings have nor a refusal
    /// names: functions, variables, typedefs, enumerators and macros that are numbers.
    ///
    /// # Errors
    /// If the compiler cannot be run.
    pub fn lost(&self, headers: &[String], bindings: &str, found: &Found) -> Result<Vec<String>, Box<dyn Error>> {
        let bound = Bound::read(bindings)?;
        let known: HashSet<&str> = bound.names().chain(found.refused().map(|(_, name, _)| name)).collect();
        let unit = self.folder.join("unit.c");
        fs::write(&unit, include(headers))?;
        let text = self.folder.join("lost.i");
        exec::run_within(self.command().args(["-E", "-dD", "-o"]).arg(&text).arg(&unit), LIMIT)?;
        let marked = fs::read(&text)?;
        let (own, system) = self.sides(&marked);
        let words = |lines: &[&str]| -> HashSet<String> {
            let words = lines.iter().flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')));
            words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let (in_own, in_system) = (words(&own), words(&system));
        // What is a word of Rust's is bound with an underscore.
        let is_known = |name: &str| known.contains(name) || known.contains(format!("{name}_").as_str());
        let is_lost = |name: &str| in_own.contains(name) && !in_system.contains(name) && !is_known(name);

        let mut lost = Vec::new();
        let dump = self.folder.join("declarations.txt");
        let mut command = self.command();
        command.args(["-fsyntax-only", "-fno-color-diagnostics", "-Xclang", "-ast-dump"]).arg(&unit);
        let listed = exec::run_within(&mut command, LIMIT)?.stdout;
        fs::write(&dump, &listed)?;
        for line in listed.lines() {
            let Some((depth, declaration)) = line.split_once('-') else { continue };
            let Some((kind, what)) = KINDS.iter().find(|(kind, _)| declaration.starts_with(kind)) else { continue };
            // What is inside of functions is no business of the bindings.
            if depth.len() > if *kind == "EnumConstantDecl" { 3 } else { 1 } || declaration.contains(" implicit ") {
                continue;
            }
            let name = declaration.split(" '").next().and_then(|before| before.rsplit(' ').next()).unwrap_or_default();
            if is_lost(name) {
                lost.push(format!("{what} {name} is lost"));
            }
        }
        lost.extend(self.lost_macros(headers, &own, &is_lost)?);
        lost.sort();
        lost.dedup();
        Ok(lost)
    }

    /// The lines of a preprocessed text: of the library, and of the toolchain.
    fn sides<'a>(&self, marked: &'a [u8]) -> (Vec<&'a str>, Vec<&'a str>) {
        let (mut own, mut system, mut is_own) = (Vec::new(), Vec::new(), false);
        for line in marked.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok()) {
            if let Some(file) = line.strip_prefix("# ").and_then(|rest| rest.split('"').nth(1)) {
                is_own = self.includes.iter().any(|folder| Path::new(file).starts_with(folder));
            } else if is_own {
                own.push(line);
            } else {
                system.push(line);
            }
        }
        (own, system)
    }

    fn lost_macros(&self, headers: &[String], own: &[&str], is_lost: &dyn Fn(&str) -> bool) -> Result<Vec<String>, Box<dyn Error>> {
        let macros = own.iter().filter_map(|line| line.strip_prefix("#define "));
        let names = macros.filter_map(|rest| rest.split(' ').next()).filter(|name| !name.contains('(') && is_lost(name));
        let names: HashSet<&str> = names.collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut file = Questions::new(include(headers).into_bytes());
        for name in &names {
            // Holds for numbers that the compiler knows, and for nothing else: not for lists of
            // them, either.
            let number = format!("__builtin_choose_expr(1, {name}, 0) * 1");
            file.ask((*name).to_owned(), &format!("extern char q@[{number} == {number} ? 1 : -1];"));
        }
        let not_numbers: HashSet<String> = self.answer(file, "macros.c")?.into_iter().collect();
        let numbers = names.into_iter().filter(|name| !not_numbers.contains(*name));
        Ok(numbers.map(|name| format!("constant {name} is lost")).collect())
    }
}
