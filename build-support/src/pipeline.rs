//! The steps of a build, from the builder's settings to the three files.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sandbox_toolchain::{ExceptionSupport, Language, SetjmpSupport, Toolchain, exceptions, exec, setjmp};

use crate::bindings::ir::Declarations;
use crate::bindings::measure::{self, Spellings};
use crate::bindings::select::Selection;
use crate::bindings::{confirm, constants, lost, read, tags, write};
use crate::cargo::{self, Directives};
use crate::compile::{Compiler, Job, Settings, describe_with, language, named_files, named_folders, output, run as run_tool};
use crate::folders::Folders;
use crate::library::Part;
use crate::pattern::Lists;
use crate::preprocess::{HEADERS, Macro, Preprocessed, preprocess};
use crate::probe::Probe;
use crate::target::has_shuffles;
use crate::{Error, Library, depfile, hints, layout, libclang, source, tuned};

mod bound;
#[cfg(feature = "engine")]
mod build;

#[cfg(feature = "engine")]
pub(crate) use build::run;

/// Returns the folder for the outputs of all libraries.
fn out_dir(library: &Library) -> Result<PathBuf, Error> {
    let folder = library.out_dir.clone().map_or_else(cargo::out_dir, Ok)?;
    // The linker runs in another folder than this one.
    let folder = std::path::absolute(&folder).map_err(Error::io("find", &folder))?;
    source::speakable(&library.name, &folder)?;
    Ok(folder)
}

/// What the steps share, up to the bindings: a build goes on from there, and a survey ends.
pub(crate) struct Setup<'a> {
    pub(crate) library: &'a Library,
    /// The library's own folder for outputs.
    output: PathBuf,
    /// The folder for what only a build itself reads.
    work: PathBuf,
    toolchain: Toolchain,
    setjmp: Option<SetjmpSupport>,
    exceptions: ExceptionSupport,
    sources: Sources,
    /// What file names are relative to.
    folders: Folders,
    /// The folders of the toolchain's own headers.
    pub(crate) system: Vec<PathBuf>,
    /// These folders, and those that the build itself writes.
    unwatched: Vec<PathBuf>,
}

/// What the headers declare, and their text.
pub(crate) struct Headers {
    seen: Preprocessed,
    pub(crate) declarations: Declarations,
    spellings: Spellings,
}

impl<'a> Setup<'a> {
    pub(crate) fn find(library: &'a Library, directives: &mut Directives) -> Result<Self, Error> {
        let out_dir = out_dir(library)?;
        let output = out_dir.join("sandbox").join(&library.name);
        let work = output.join("build");
        std::fs::create_dir_all(&work).map_err(Error::io("create", &work))?;
        for variable in ["WASI_SDK_PATH", "LIBCLANG_PATH", "CARGO_SANDBOX_CACHE"].into_iter().chain(cargo::guest_flag_variables()) {
            directives.rerun_if_env_changed(variable);
        }
        let toolchain = library.toolchain.clone().map_or_else(Toolchain::find, Ok)?;
        directives.rerun_if_changed(toolchain.clang());
        let setjmp = if library.setjmp { Some(setjmp::install(&toolchain, &work.join("setjmp"))?) } else { None };
        let mut sources = Sources::find(library, setjmp.as_ref(), &work, directives)?;
        let folders =
            sources.jobs.iter().flat_map(|job| job.settings.includes.clone()).chain(cargo::manifest_dir()).chain([out_dir.clone()]);
        let folders = Folders::new(folders, sources.jobs.iter().map(|job| job.source.as_path()));
        sources.add_own(&work)?;
        let exceptions = if sources.has_cxx() { exceptions::find(&toolchain, &work)? } else { ExceptionSupport::none() };
        let system = system_folders(&toolchain, setjmp.as_ref())?;
        // What the build itself writes is no input either, but a generated header declares as much as any other.
        let unwatched = system.iter().cloned().chain([out_dir.clone()]).chain(out_dir.canonicalize()).collect();
        let setup = Self { library, output, work, toolchain, setjmp, exceptions, sources, folders, system, unwatched };
        setup.watch_flags(directives);
        Ok(setup)
    }

    /// Watches what flags name, and each folder in which a header is searched for: that of an
    /// include, and that of the file that has the include.
    fn watch_flags(&self, directives: &mut Directives) {
        let mut folders = BTreeSet::new();
        for Job { source, settings } in &self.sources.jobs {
            let flags =
                [&settings.flags[..], &settings.environment_flags(Language::C), &settings.environment_flags(Language::Cxx)].concat();
            named_files(&flags).iter().for_each(|file| directives.rerun_if_changed(file));
            folders.extend(settings.includes.iter().cloned().chain(named_folders(&flags)).chain(source.parent().map(Path::to_owned)));
        }
        for folder in &folders {
            let covered = folder.ancestors().skip(1).any(|above| folders.contains(above));
            if !covered && !depfile::is_below(folder, &self.unwatched) {
                source::watch_headers(folder, &self.output, directives);
            }
        }
    }

    pub(crate) fn compiler(&self) -> Compiler<'_> {
        Compiler {
            library: &self.library.name,
            toolchain: &self.toolchain,
            setjmp: self.setjmp.as_ref(),
            exceptions: &self.exceptions,
            simd: self.library.simd,
            vectorize: self.library.simd && has_shuffles(self.library.target.as_deref()),
            strength_reduction: self.library.strength_reduction,
            folders: &self.folders,
        }
    }

    pub(crate) fn read_headers(&self, directives: &mut Directives) -> Result<Headers, Error> {
        write_header(self.library, &self.sources, &self.work)?;
        let compiler = self.compiler();
        let unit = preflight(&compiler, &self.sources.bound, &self.work, &self.unwatched, directives)?;
        libclang::choose(&self.toolchain)?;
        let seen = preprocess(&compiler, &self.sources.bound, &unit)?;
        let flags = bindgen_flags(&compiler, &self.sources.bound)?;
        let probe = self.probe(&seen);
        let renamed = tags::renamed(&probe)?;
        let mut declarations = read::read(&self.library.name, &seen.commented, &self.work, &flags, &lost::find(&probe)?, &renamed)?;
        let spellings = measure::spell(&probe, &declarations)?;
        measure::align(&probe, &mut declarations, &spellings)?;
        measure::measure(&probe, &mut declarations, &spellings)?;
        let vars = Lists::new(&self.library.name, &self.library.vars.allow, &self.library.vars.block)?;
        let macros: Vec<&Macro> =
            seen.macros.iter().filter(|known| (self.is_own(&known.file) || vars.names(&known.name)) && !vars.blocks(&known.name)).collect();
        constants::fill_in(&probe, &macros, &mut declarations)?;
        confirm::confirm(&probe, &mut declarations, &spellings)?;
        declarations.function_macros.clone_from(&seen.function_macros);
        Ok(Headers { seen, declarations, spellings })
    }

    /// Says whether a file is a header of the library, and not one of the toolchain, or what the
    /// compiler itself defines.
    fn is_own(&self, file: &Path) -> bool {
        !file.to_string_lossy().starts_with('<') && !depfile::is_below(file, &self.system)
    }

    /// Returns whom to ask about the headers.
    fn probe<'b>(&'b self, seen: &'b Preprocessed) -> Probe<'b> {
        Probe { compiler: self.compiler(), headers: &self.sources.bound, text: &seen.text, folder: &self.work }
    }

    /// Asks the C compiler about every layout.
    pub(crate) fn check_layout(&self, headers: &Headers, selection: &Selection<'_>) -> Result<(), Error> {
        layout::check(&self.probe(&headers.seen), &headers.spellings, selection)
    }

    /// Compiles the sources. What cargo has to watch for it is noted.
    pub(crate) fn objects(&self, directives: &mut Directives) -> Result<Vec<PathBuf>, Error> {
        let compiled = self.compiler().compile(&self.sources.jobs, &self.work.join("objects"), cargo::jobs())?;
        for unit in &compiled {
            let text = std::fs::read(&unit.depfile).unwrap_or_default();
            let included = depfile::inputs(&String::from_utf8_lossy(&text), &self.unwatched);
            for input in included.iter().chain([&unit.source]) {
                if !depfile::is_below(input, &self.unwatched) {
                    directives.rerun_if_changed(input);
                }
            }
            directives.warning(&unit.warnings);
        }
        Ok(compiled.into_iter().map(|unit| unit.object).collect())
    }

    /// Returns the text of `bindings.rs`.
    pub(crate) fn bindings(&self, selection: &Selection<'_>) -> String {
        let folder = self.library.out_dir.as_ref().map(|_| self.output.as_path());
        let lines = self.library.line_numbers.unwrap_or_else(cargo::debug);
        write::write(&self.library.name, self.library.metering, selection, folder, lines)
    }
}

/// Removes the objects of a folder that are not among these, and what lies beside them.
fn keep_only(folder: &Path, objects: &[PathBuf]) -> Result<(), Error> {
    let kept: HashSet<PathBuf> = objects.iter().map(|object| object.with_extension("")).collect();
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))?.flatten() {
        let path = entry.path();
        if !kept.contains(&path.with_extension("")) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// The files to compile and the settings with which the headers are read.
struct Sources {
    jobs: Vec<Job>,
    bound: Settings,
    headers: Vec<PathBuf>,
}

impl Sources {
    fn find(library: &Library, setjmp: Option<&SetjmpSupport>, work: &Path, directives: &mut Directives) -> Result<Self, Error> {
        let mut resolve = |number: usize, part: &Part| -> Result<_, Error> {
            let written = work.join("config").join(number.to_string());
            let mut resolved = source::resolve(&library.name, part, &written, directives)?;
            tuned::apply(&library.name, part, library.simd, &mut resolved, &work.join("tuned").join(number.to_string()), directives)?;
            Ok(resolved)
        };
        let main = resolve(0, &library.main)?;
        let parts =
            library.parts.iter().zip(1..).map(|(part, number)| Ok((part, resolve(number, part)?))).collect::<Result<Vec<_>, Error>>()?;
        // A library sees the headers of the parts it is built with, after its own.
        let mut includes = main.includes.clone();
        for (_, part) in &parts {
            includes.extend(part.includes.iter().cloned());
        }
        let settings = |part: &Part, includes: &[PathBuf], warnings: bool| Settings {
            includes: includes.to_vec(),
            defines: part.tuned.iter().flat_map(|tuned| tuned.defines()).chain(part.defines.clone()).collect(),
            flags: part.flags.iter().map(OsString::from).collect(),
            opt_level: part.opt_level.clone(),
            warnings,
            preprocessed: false,
        };
        let mut jobs = Vec::new();
        let mut add = |files: Vec<PathBuf>, settings: Settings| {
            let settings = Rc::new(settings);
            jobs.extend(files.into_iter().map(|source| Job { source, settings: Rc::clone(&settings) }));
        };
        for (part, resolved) in parts {
            add(resolved.files, settings(part, &resolved.includes, false));
        }
        let bound = settings(&library.main, &includes, false);
        add(main.files, bound.clone());
        let shims = library
            .shims
            .iter()
            .map(|shim| {
                let path = source::absolute(None, shim)?;
                if path.is_file() {
                    return Ok(path);
                }
                Err(Error::Missing {
                    library: library.name.clone(),
                    what: "the shim",
                    path,
                    next: "correct its name in the build script; it is relative to the package".to_owned(),
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        add(shims, settings(&library.main, &includes, true));
        if let Some(setjmp) = setjmp {
            let settings = Settings { flags: setjmp.source_flags.clone(), ..Settings::default() };
            let settings = Rc::new(settings);
            jobs.extend(setjmp.sources.iter().map(|source| Job { source: source.clone(), settings: Rc::clone(&settings) }));
        }
        let headers = library.main.headers.iter().chain(library.parts.iter().flat_map(|part| &part.headers)).cloned().collect();
        Ok(Self { jobs, bound, headers })
    }

    /// Adds the file that every library is built with.
    fn add_own(&mut self, work: &Path) -> Result<(), Error> {
        let source = work.join("assert_fail.c");
        std::fs::write(&source, include_str!("assert_fail.c")).map_err(Error::io("write", &source))?;
        self.jobs.push(Job { source, settings: Rc::default() });
        Ok(())
    }

    fn has_cxx(&self) -> bool {
        self.jobs.iter().any(|job| language(&job.source) == Language::Cxx)
    }
}

/// Writes one header that includes all that the builder names.
fn write_header(library: &Library, sources: &Sources, work: &Path) -> Result<(), Error> {
    if sources.headers.is_empty() {
        return Err(Error::usage(&library.name, "it has no header, so nothing can be bound; add it: .header(\"…\")"));
    }
    let mut text = String::new();
    for header in &sources.headers {
        // Headers of the user's own lie in the package, which is no include folder.
        let found = sources.bound.includes.iter().any(|folder| folder.join(header).is_file());
        let own = if found || header.is_absolute() { None } else { cargo::manifest_dir().ok().map(|folder| folder.join(header)) };
        let shown = own.filter(|path| path.is_file()).unwrap_or_else(|| header.clone());
        source::speakable(&library.name, &shown)?;
        if shown.to_string_lossy().contains('"') {
            let what =
                format!("C has no way to include {}, for the quotation mark in its name; name its folder by .include(…)", shown.display());
            return Err(Error::usage(&library.name, what));
        }
        text.push_str(&format!("#include \"{}\"\n", shown.display()));
    }
    let path = work.join(HEADERS);
    std::fs::write(&path, text).map_err(Error::io("write", &path))
}

/// Compiles the headers alone, so that their errors are clang's own, and notes all that they
/// include. Returns the file that includes them.
fn preflight(
    compiler: &Compiler<'_>,
    settings: &Settings,
    work: &Path,
    system: &[PathBuf],
    directives: &mut Directives,
) -> Result<PathBuf, Error> {
    let unit = work.join("headers.c");
    std::fs::write(&unit, format!("#include \"{HEADERS}\"\n")).map_err(Error::io("write", &unit))?;
    let depfile = work.join("headers.d");
    let mut command = compiler.command(&unit, settings)?;
    command.args(["-fsyntax-only", "-MD", "-MF"]).arg(&depfile).arg(&unit);
    run_tool(&mut command).map_err(|error| Error::Headers {
        library: compiler.library.to_owned(),
        tool: {
            let other = || if is_cxx(compiler, settings, &unit) { CXX_HEADER } else { SEARCHED }.to_owned();
            let advice = hints::header_in_front(output(&error)).unwrap_or_else(other);
            describe_with(&error, &(advice + &cargo::guest_flags_note()))
        },
    })?;
    let text = std::fs::read(&depfile).unwrap_or_default();
    for input in depfile::inputs(&String::from_utf8_lossy(&text), system) {
        directives.rerun_if_changed(&input);
    }
    Ok(unit)
}

const SEARCHED: &str = "a header is searched for in the folders of .source_dir(…) and .include(…), and then in the package";

const CXX_HEADER: &str = "it compiles as C++, but only C declarations can be bound; \
    if it has an `extern \"C\"` around them, put that between `#ifdef __cplusplus` and `#endif`; \
    for classes and templates write a header of your own with `extern \"C\"` functions, which a C++ file beside it defines: \
    .shim(\"shim.cpp\").header(\"shim.h\")";

/// Whether the headers, which are not C, are C++.
fn is_cxx(compiler: &Compiler<'_>, settings: &Settings, unit: &Path) -> bool {
    let cxx = unit.with_extension("cpp");
    let command = std::fs::copy(unit, &cxx).ok().and_then(|_| compiler.command(&cxx, settings).ok());
    command.is_some_and(|mut command| run_tool(command.arg("-fsyntax-only").arg(&cxx)).is_ok())
}

fn bindgen_flags(compiler: &Compiler<'_>, settings: &Settings) -> Result<Vec<OsString>, Error> {
    let mut flags = compiler.toolchain.bindgen_flags(Language::C)?;
    if let Some(setjmp) = compiler.setjmp {
        for folder in &setjmp.include_dirs {
            flags.extend(["-isystem".into(), folder.clone().into()]);
        }
    }
    if compiler.simd {
        flags.push("-msimd128".into());
    }
    let settings = settings.preprocessed();
    flags.extend(settings.flags_for(Language::C).cloned());
    // The compiler has warned before, if anybody wants to know.
    flags.push("-w".into());
    // Those of the environment too: a header must not look different to the compiler and to bindgen.
    flags.extend(settings.environment_flags(Language::C));
    // After all others: bindgen passes over what is hidden, and the linker is told each export by
    // its name.
    flags.push("-fvisibility=default".into());
    Ok(flags)
}

/// The folders of the toolchain's own headers, which are neither inputs of the user's nor bound by a pattern.
fn system_folders(toolchain: &Toolchain, setjmp: Option<&SetjmpSupport>) -> Result<Vec<PathBuf>, Error> {
    let mut folders = vec![toolchain.sysroot().join("include")];
    let flags = toolchain.compile_flags(Language::Cxx);
    for pair in flags.windows(2) {
        if let [flag, folder] = pair
            && flag == "-isystem"
        {
            folders.push(folder.into());
        }
    }
    folders.extend(setjmp.iter().flat_map(|setjmp| setjmp.include_dirs.iter().cloned()));
    let printed = exec::run(exec::tool(toolchain.clang()).arg("-print-resource-dir"))?;
    folders.push(PathBuf::from(printed.stdout.trim()));
    let real: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
    folders.extend(real);
    Ok(folders)
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}
