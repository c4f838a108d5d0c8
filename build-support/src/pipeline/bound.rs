//! What is bound of a module: what the lists allow, and the link finds.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

use super::{Headers, Setup, keep_only};
use crate::Error;
use crate::bindings::ir::Kind;
use crate::bindings::read::STATIC;
use crate::bindings::select::Selection;
use crate::compile::Job;
use crate::error::UnsupportedItem;
use crate::library::AllowBlock;
use crate::link::{self, Link};
use crate::objects::Symbols;
use crate::pattern::Lists;

/// A module, and what is bound of it.
pub(crate) struct Linked<'a> {
    pub(crate) selection: Selection<'a>,
    pub(crate) module: Vec<u8>,
    /// What the headers declare, a list allows, and nothing defines.
    pub(crate) undefined: Vec<UnsupportedItem>,
    /// What the linker said.
    pub(crate) warnings: String,
}

fn not_defined(name: &str, kind: Kind, cxx: bool) -> UnsupportedItem {
    let reason = if cxx {
        "a source file defines it as C++, under another symbol; declare it `extern \"C\"` there"
    } else {
        "it is declared in a header, and defined in no source file"
    };
    UnsupportedItem { name: name.to_owned(), reason: reason.to_owned(), kind, named: false }
}

/// Says what patterns allow and the build leaves out.
pub(super) fn left_out(library: &str, selection: &Selection<'_>, undefined: &[UnsupportedItem]) -> String {
    const SHOWN: usize = 10;
    let items = selection.left_out.iter().chain(undefined).map(|item| (item.name.as_str(), item.reason.as_str()));
    let consts = selection.refused_consts.iter().filter(|item| item.asked).map(|item| (item.name, item.reason));
    let all: Vec<(&str, &str)> = items.chain(consts).collect();
    let mut text = String::new();
    for (name, reason) in all.iter().take(SHOWN) {
        text.push_str(&format!("library `{library}`: a pattern matches `{name}`, which is left out: {reason}\n"));
    }
    if let Some(more @ 1..) = all.len().checked_sub(SHOWN) {
        text.push_str(&format!("library `{library}`: {more} more are left out; `cargo sandbox survey` lists them\n"));
    }
    text
}

impl Setup<'_> {
    /// Links what was selected. What only a pattern allows, and nothing defines, is left out, and so is what has its full name in the
    /// allow list if `all`.
    pub(crate) fn link<'b>(
        &self,
        headers: &'b Headers,
        mut selection: Selection<'b>,
        objects: &[PathBuf],
        all: bool,
    ) -> Result<Linked<'b>, Error> {
        let name = &self.library.name;
        let pre_initialize = self.library.pre_initialize.as_ref();
        let lists = |of: &AllowBlock| Lists::new(name, &of.allow, &of.block);
        let (functions_allowed, variables_allowed) = (lists(&self.library.functions)?, lists(&self.library.vars)?);
        let Symbols { defined, used_variables, unknown } = Symbols::of(objects);
        let is_missing_variable = |import: &String| {
            let name = import.strip_prefix("env.").unwrap_or_default();
            used_variables.contains(name) && !defined.contains(name)
        };
        if let Some(import) = self.library.named_imports().iter().find(|import| is_missing_variable(import)) {
            return Err(Error::usage(
                name,
                format!(
                    "`{import}` is a variable, and only functions can be imports: it would read as 0; add the source file that defines it, \
                     or define it in a shim: .shim(\"shim.c\")"
                ),
            ));
        }
        let linked = self.work.join("lib.wasm");
        let mut undefined = Vec::new();
        loop {
            let (statics, without) = self.statics(headers, &selection, &defined, unknown)?;
            let objects: Vec<PathBuf> = objects.iter().cloned().chain(statics).collect();
            let bound = |symbol: &str| selection.functions.iter().any(|function| function.symbol() == symbol);
            let variables: Vec<String> = selection.variables.iter().map(|variable| variable.symbol().to_owned()).collect();
            let mut functions: Vec<String> = selection.functions.iter().map(|function| function.symbol().to_owned()).collect();
            functions.extend(pre_initialize.filter(|function| !bound(function)).cloned());
            let link = Link {
                library: self.library,
                toolchain: &self.toolchain,
                setjmp: self.setjmp.as_ref(),
                objects: &objects,
                functions: &functions,
                variables: &variables,
                cxx: self.sources.has_cxx().then_some(&self.exceptions),
                folder: &self.work,
            };
            let (missing, cxx) = match if without.is_empty() { link::link(&link, &linked) } else { Err(self.undefined(&without)) } {
                Ok(warnings) => {
                    let module = std::fs::read(&linked).map_err(Error::io("read", &linked))?;
                    return Ok(Linked { selection, module, undefined, warnings });
                }
                Err(Error::Undefined { functions, variables, cxx, .. }) => ((functions, variables), cxx),
                Err(Error::Unresolved { library, symbols, .. }) => {
                    let variables = symbols.iter().map(|(symbol, _)| symbol.clone()).filter(is_missing_variable).collect();
                    return Err(Error::Unresolved { library, symbols, variables });
                }
                Err(error) => return Err(error),
            };
            if let Some(function) = pre_initialize.filter(|function| missing.0.contains(function) && !bound(function)) {
                let what = "no source file defines it; it may be a function of a shim, `void f(void)`, and not `static`".to_owned();
                return Err(Error::PreInitialize { library: name.clone(), function: function.clone(), what });
            }
            let before = undefined.len();
            let mut wrong = (Vec::new(), Vec::new());
            let mut stays = |kind: Kind, name: &str, symbol: &str, missing: &[String], wrong: &mut Vec<String>| {
                let missing = missing.iter().any(|known| known == symbol);
                let lists = if kind == Kind::Function { &functions_allowed } else { &variables_allowed };
                if missing && !all && lists.names(name) {
                    wrong.push(name.to_owned());
                } else if missing {
                    undefined.push(not_defined(name, kind, cxx.iter().any(|known| known == symbol)));
                }
                !missing
            };
            selection.functions.retain(|item| stays(Kind::Function, &item.name, item.symbol(), &missing.0, &mut wrong.0));
            selection.variables.retain(|item| stays(Kind::Var, &item.name, item.symbol(), &missing.1, &mut wrong.1));
            let is_wrong = !wrong.0.is_empty() || !wrong.1.is_empty();
            if is_wrong || undefined.len() == before {
                let (functions, variables) = if is_wrong { wrong } else { missing };
                return Err(Error::Undefined { library: name.clone(), functions, variables, cxx });
            }
        }
    }

    /// The error of the linker for these symbols.
    fn undefined(&self, symbols: &[String]) -> Error {
        Error::Undefined { library: self.library.name.clone(), functions: symbols.to_vec(), variables: symbols.to_vec(), cxx: Vec::new() }
    }

    /// Compiles a file that gives a symbol to what the headers define for each file that includes them: to bound functions and variables
    /// that are `static`, and to functions that are `inline` and that no source declares `extern`.
    ///
    /// Returns the object, and the symbols that it cannot have, since the headers declare the thing and do not define it. If not all
    /// that the sources define is `known`, whatever the headers define gives way to it.
    fn statics(
        &self,
        headers: &Headers,
        selection: &Selection<'_>,
        defined: &HashSet<String>,
        unknown: bool,
    ) -> Result<(Option<PathBuf>, Vec<String>), Error> {
        let mut text = String::new();
        for function in &selection.functions {
            let (name, symbol) = (&function.name, function.symbol());
            if function.is_static() {
                text.push_str(&format!("extern __typeof__({name}) {symbol} __attribute__((alias(\"{name}\")));\n"));
            } else if !defined.contains(symbol) {
                text.push_str(&format!("extern __typeof__({name}) {name};\n"));
            }
        }
        for variable in selection.variables.iter().filter(|variable| variable.is_static()) {
            let (name, symbol) = (&variable.name, variable.symbol());
            text.push_str(&format!("extern __typeof__({name}) {symbol} __attribute__((alias(\"{name}\")));\n"));
        }
        if text.is_empty() {
            return Ok((None, Vec::new()));
        }
        let mut settings = self.sources.bound.preprocessed();
        settings.flags.extend(["-Qunused-arguments", "-w", "-fno-lto", "-ferror-limit=0"].map(OsString::from));
        let settings = Rc::new(settings);
        let (source, folder) = (self.work.join("static.i"), self.work.join("static"));
        let compile = |before: &str| -> Result<PathBuf, Error> {
            let whole = [before.as_bytes(), &headers.seen.text, b"\n# 1 \"static\"\n", text.as_bytes()].concat();
            std::fs::write(&source, whole).map_err(Error::io("write", &source))?;
            let job = Job { source: source.clone(), settings: Rc::clone(&settings) };
            let compiled = self.compiler().compile(&[job], &folder, 1)?;
            compiled.into_iter().next().map(|unit| unit.object).ok_or_else(|| Error::usage(&self.library.name, "nothing was compiled"))
        };
        let object = match compile("") {
            Err(Error::Compile { tool, .. }) if !not_aliased(&tool, &text).is_empty() => return Ok((None, not_aliased(&tool, &text))),
            other => other?,
        };
        // What the headers define for all, the sources have, too.
        let mut own: Vec<String> = Symbols::of([&object]).defined.into_iter().collect();
        // A set has another order in each process, and the text decides whether the object is kept.
        own.sort();
        let twice: Vec<String> = own
            .into_iter()
            .filter(|symbol| defined.contains(symbol) || unknown && !symbol.ends_with(STATIC))
            .map(|symbol| format!("#pragma weak {symbol}\n"))
            .collect();
        let first = object.clone();
        let object = if twice.is_empty() { object } else { compile(&twice.concat())? };
        keep_only(&folder, &[first, object.clone()])?;
        Ok((Some(object), Vec::new()))
    }
}

/// What the compiler says of an alias of something that has no body.
const NOT_DEFINED: &str = "alias must point to a defined variable or function";

/// Returns the symbols whose lines of the text the compiler refused for that reason.
fn not_aliased(tool: &str, text: &str) -> Vec<String> {
    let lines = tool.lines().filter(|line| line.contains(NOT_DEFINED));
    let numbers = lines.filter_map(|line| line.strip_prefix("static:")?.split(':').next()?.parse::<usize>().ok());
    let line = |number: usize| text.lines().nth(number.checked_sub(1)?);
    numbers.filter_map(|number| Some(line(number)?.split(" __attribute__").next()?.rsplit(' ').next()?.to_owned())).collect()
}
