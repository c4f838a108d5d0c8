//! A whole build, from the builder's settings to the files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use sandbox_engine::Outline;

use super::bound::{Linked, left_out};
use super::{Setup, keep_only, out_dir, remove};
use crate::bindings::select;
use crate::cargo::Directives;
use crate::debug_info::{Lines, Separated};
use crate::precompile::Precompiler;
use crate::survey::Survey;
use crate::unroll::Unrolled;
use crate::{Error, Library, Output, check, imports, line_table};

/// What was bound, as a table: `cargo sandbox survey` shows it.
const SURVEY: &str = "survey.txt";

/// Builds a library. What cargo has to watch is printed even if the build fails.
pub(crate) fn run(library: &Library) -> Result<Output, Error> {
    let mut directives = Directives::default();
    let result = build(library, &mut directives);
    directives.print();
    result.map(|folder| Output { folder, inputs: directives.changed().map(Path::to_owned).collect() })
}

fn build(library: &Library, directives: &mut Directives) -> Result<PathBuf, Error> {
    let name = &library.name;
    let out_dir = out_dir(library)?;
    claim(name, &out_dir)?;
    // What an earlier build left must not outlive a build that fails.
    remove_outputs(&out_dir.join("sandbox").join(name))?;
    if library.has_no_sources() {
        return Err(Error::usage(name, "it has no source files; add them: .file(…), .files([…]), .glob(…) or .shim(…)"));
    }
    if let Some(name) = library.only_imports.iter().flatten().find(|import| !import.contains('.')) {
        return Err(Error::usage(
            &library.name,
            format!("`{name}` in .only_imports(…) is no import; write `module.name`, such as \"wasi_snapshot_preview1.fd_write\""),
        ));
    }
    let setup = Setup::find(library, directives)?;
    // The headers first: a mistake there shows in a moment, before anything is compiled.
    let headers = setup.read_headers(directives)?;
    let selection = select::select(library, &headers.declarations, &setup.system)?;
    let mut linked = || {
        selection.require_named(name)?;
        setup.check_layout(&headers, &selection)?;
        let objects = setup.objects(directives)?;
        Ok((setup.link(&headers, selection.clone(), &objects, false)?, objects))
    };
    let linked = linked();
    let survey = match &linked {
        Ok((linked, _)) => Survey::of(&setup, &headers, &linked.selection, &linked.undefined)?,
        Err(error) => Survey::not_linked(&setup, &headers, &selection, error)?,
    };
    put(&setup.output.join(SURVEY), survey.to_string().as_bytes())?;
    let (Linked { selection, module: linked, undefined, warnings }, objects) = linked?;
    directives.warning(&left_out(name, &selection, &undefined));
    directives.warning(&warnings);
    let bound = |symbol: &str| selection.functions.iter().any(|function| function.symbol() == symbol);
    let globals: Vec<String> = selection.variables.iter().map(|variable| variable.symbol().to_owned()).collect();
    let expected: Vec<_> =
        selection.functions.iter().map(|function| (function.symbol().to_owned(), headers.declarations.signature(&function.ty))).collect();
    directives.warning(&imports::check(library, &linked)?);
    check::check(name, &linked, &expected, &globals, &library.named_imports())?;
    let Setup { output, work, .. } = &setup;
    // What earlier builds left, and this one has no use for.
    keep_only(&work.join("objects"), &objects)?;

    let debug = match &library.pre_initialize {
        Some(function) => pre_initialize(name, &linked, function, bound(function))?,
        None => linked,
    };
    // Before anything is told by its place in the module.
    let debug = Outline::of(&debug).map_err(|error| check::unreadable(name, &error))?.with_state_exported(&debug).unwrap_or(debug);
    let separated = Separated::new(&debug).map_err(|error| check::unreadable(name, &error))?;
    let lines = separated.lines(&setup.folders).unwrap_or_else(|error| {
        directives.warning(&format!("library `{name}`: its debug information cannot be read, so there are no line numbers: {error}"));
        Lines::default()
    });
    let (wasm, lines) = if library.unroll_loops && (library.metering.interrupts || library.metering.fuel) {
        let unrolled = Unrolled::new(&separated.module).map_err(|error| check::unreadable(name, &error))?;
        let lines = unrolled.lines(lines);
        (unrolled.module, lines)
    } else {
        (separated.module, lines)
    };
    let (kept, key_file) = (work.join("kept.cwasm"), work.join("kept.key"));
    let precompiler = Precompiler::new(library.target.as_deref(), library.metering)?;
    let (code, key) = precompiler.compile_cached(&wasm, &kept, &key_file)?;
    if let Some(key) = key {
        // The key goes first and comes last: while it is there it vouches for the code beside it.
        remove(&key_file)?;
        put(&kept, &code)?;
        put(&key_file, key.as_bytes())?;
    }

    put(&output.join("lib.wasm"), &wasm)?;
    put(&output.join("lib.debug.wasm"), &debug)?;
    put(&output.join("lib.lines"), &line_table::write(&lines))?;
    put(&output.join("lib.cwasm"), &code)?;
    let bindings = output.join("bindings.rs");
    put(&bindings, setup.bindings(&selection).as_bytes())?;
    directives.rustc_env(&format!("SANDBOX_LIBRARY_{name}"), &bindings);
    Ok(setup.output)
}

#[cfg(feature = "pre-initialize")]
use crate::pre_initialize::run as pre_initialize;

#[cfg(not(feature = "pre-initialize"))]
fn pre_initialize(library: &str, _: &[u8], function: &str, _: bool) -> Result<Vec<u8>, Error> {
    let what = format!(
        "`.pre_initialize({function:?})` needs the feature `pre-initialize` of build-support, which brings a runtime into the build script; turn it on in Cargo.toml: build-support = {{ …, features = [\"pre-initialize\"] }}"
    );
    Err(Error::usage(library, what))
}

/// Takes a name, once for each output folder: a second library would overwrite the first.
fn claim(name: &str, out_dir: &Path) -> Result<(), Error> {
    static TAKEN: LazyLock<Mutex<HashSet<(PathBuf, String)>>> = LazyLock::new(Mutex::default);
    if syn::parse_str::<syn::Ident>(name).is_err() {
        return Err(Error::usage(name, "the name becomes a Rust module, so it has to be a Rust identifier; use letters, digits and `_`"));
    }
    let mut taken = TAKEN.lock().unwrap_or_else(|poison| poison.into_inner());
    if taken.insert((out_dir.to_owned(), name.to_owned())) {
        Ok(())
    } else {
        Err(Error::usage(
            name,
            "a library of this name was built before in the same build script; give one of them another name, \
             or build each C library as a part of one: .library(|part| …)",
        ))
    }
}

fn remove_outputs(output: &Path) -> Result<(), Error> {
    ["lib.wasm", "lib.debug.wasm", "lib.cwasm", "lib.lines", "bindings.rs", SURVEY].iter().try_for_each(|file| remove(&output.join(file)))
}

/// Writes a file under another name and renames it: it is there as a whole, or not at all.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let temporary = path.with_extension("partial");
    std::fs::write(&temporary, bytes).map_err(Error::io("write", &temporary))?;
    std::fs::rename(&temporary, path).map_err(Error::io("write", path))
}
