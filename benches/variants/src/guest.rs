//! A way to compile the guest.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use build_support::{Library, Metering, Tuned};
use wasmtime::{
    Engine, Extern, Func, Global, GlobalType, Instance, MemoryType, Module, Mutability, OptLevel, SharedMemory, Store, TypedFunc, Val,
    ValType,
};

use crate::instrument::{self, Checks, Flag, Loops, Read, instrument};
use crate::{LIBPNG, TASKS, ZLIB};

/// A way to compile.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    /// The C compiler's settings.
    library: fn(&mut Library) -> &mut Library,
    metering: Metering,
    /// Our own checks.
    checks: Option<Checks>,
    /// The arguments of Binaryen's optimiser, `wasm-opt`, which has to be in the `PATH`.
    wasm_opt: Option<&'static [&'static str]>,
    /// Cranelift's settings.
    cranelift: fn(&mut wasmtime::Config) -> &mut wasmtime::Config,
}

impl Variant {
    const fn c(name: &'static str, library: fn(&mut Library) -> &mut Library) -> Self {
        Self {
            name,
            library,
            metering: Metering { interrupts: false, fuel: false },
            checks: None,
            wasm_opt: None,
            cranelift: |config| config,
        }
    }

    const fn cranelift(name: &'static str, cranelift: fn(&mut wasmtime::Config) -> &mut wasmtime::Config) -> Self {
        Self { cranelift, ..Self::c(name, |library| library) }
    }

    const fn checks(name: &'static str, checks: Checks) -> Self {
        Self { checks: Some(checks), ..Self::c(name, |library| library) }
    }
}

/// What each level of x86-64 adds, in Cranelift's words. (System V ABI, "Micro-Architecture Levels".)
const V2: [&str; 5] = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];
const V3: [&str; 6] = ["has_avx", "has_avx2", "has_bmi1", "has_bmi2", "has_fma", "has_lzcnt"];

fn enable<'a>(config: &'a mut wasmtime::Config, flags: &[&str]) -> &'a mut wasmtime::Config {
    for flag in flags {
        // SAFETY: the machine that measures has these; the code is loaded nowhere else, and wasmtime checks it.
        unsafe { config.cranelift_flag_enable(flag) };
    }
    config
}

fn v3(config: &mut wasmtime::Config) -> &mut wasmtime::Config {
    enable(config, &V2);
    enable(config, &V3)
}

/// What a user has without a word in `build.rs`.
const INTERRUPTS: Metering = Metering { interrupts: true, fuel: false };

/// The check that could take the place of epochs.
const CHECKS: Checks = Checks { flag: Flag::Slot, read: Read::Atomic, entries: true, loops: Loops::All, one_trap: true };

/// The byte of a sandbox in the memory of flags.
const SLOT: u8 = 64;

/// What wasm-opt may use.
const FEATURES: [&str; 6] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-exception-handling",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// As the examples are built.
fn tuned(library: &mut Library) -> &mut Library {
    library.tuned(Tuned::Zlib).tuned(Tuned::Libpng)
}

/// All ways. The first is what build-support does, without checks.
pub(crate) fn variants() -> Vec<Variant> {
    vec![
        Variant::c("no checks", |library| library),
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible", |library| library) },
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible, UNALIGNED_OK", |library| library.define("UNALIGNED_OK", None)) },
        Variant::c("tuned", tuned),
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible, tuned", tuned) },
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible, zlib tuned", |library| library.tuned(Tuned::Zlib)) },
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible, libpng tuned", |library| library.tuned(Tuned::Libpng)) },
        Variant { cranelift: v3, metering: INTERRUPTS, ..Variant::c("interruptible, x86-64-v3, tuned", tuned) },
        Variant {
            metering: INTERRUPTS,
            ..Variant::c("interruptible, tuned, loops not unrolled", |library| tuned(library).unroll_loops(false))
        },
        Variant { checks: Some(CHECKS), ..Variant::c("check: slot, atomic, tuned", tuned) },
        Variant { metering: INTERRUPTS, ..Variant::c("interruptible, loops not unrolled", |library| library.unroll_loops(false)) },
        Variant {
            metering: INTERRUPTS,
            ..Variant::c("interruptible, loops not unrolled, -funroll-loops", |library| library.unroll_loops(false).flag("-funroll-loops"))
        },
        Variant { metering: Metering { interrupts: false, fuel: true }, ..Variant::c("fuel", |library| library) },
        Variant {
            metering: Metering { interrupts: false, fuel: true },
            ..Variant::c("fuel, loops not unrolled", |library| library.unroll_loops(false))
        },
        Variant { metering: Metering { interrupts: true, fuel: true }, ..Variant::c("interruptible and fuel", |library| library) },
        Variant {
            cranelift: v3,
            metering: INTERRUPTS,
            ..Variant::c("interruptible, x86-64-v3, UNALIGNED_OK", |library| library.define("UNALIGNED_OK", None))
        },
        Variant::checks("check: global", Checks { flag: Flag::Global, read: Read::Plain, ..CHECKS }),
        Variant::checks("check: global, a trap each", Checks { flag: Flag::Global, read: Read::Plain, one_trap: false, ..CHECKS }),
        Variant::checks("check: first word, plain", Checks { flag: Flag::First, read: Read::Plain, ..CHECKS }),
        Variant::checks("check: first word, atomic", Checks { flag: Flag::First, ..CHECKS }),
        Variant::checks("check: slot, plain", Checks { read: Read::Plain, ..CHECKS }),
        Variant::checks("check: slot, atomic", CHECKS),
        Variant::checks("check: imported slot, atomic", Checks { flag: Flag::ImportedSlot, ..CHECKS }),
        Variant::checks("check: slot, atomic, loops only", Checks { entries: false, ..CHECKS }),
        Variant::checks("check: slot, atomic, no innermost loops", Checks { loops: Loops::Outer, ..CHECKS }),
        Variant::checks("check: slot, atomic, where a loop jumps back", Checks { loops: Loops::Back, ..CHECKS }),
        Variant::c("-O1", |library| library.opt_level("1")),
        Variant::c("-O2", |library| library.opt_level("2")),
        Variant::c("-Os", |library| library.opt_level("s")),
        Variant::c("-flto", |library| library.flag("-flto")),
        Variant::c("-funroll-loops", |library| library.flag("-funroll-loops")),
        Variant::c("no SIMD", |library| library.simd(false)),
        Variant::c("-mrelaxed-simd", |library| library.flag("-mrelaxed-simd")),
        Variant::c("no bulk memory", |library| library.flag("-mno-bulk-memory").flag("-mno-bulk-memory-opt")),
        Variant::c("malloc that frees nothing", |library| library.file(concat!(env!("CARGO_MANIFEST_DIR"), "/bump.c"))),
        Variant {
            metering: INTERRUPTS,
            ..Variant::c("interruptible, tuned, malloc that frees nothing", |library| {
                tuned(library).file(concat!(env!("CARGO_MANIFEST_DIR"), "/bump.c"))
            })
        },
        Variant::c("zlib: UNALIGNED_OK", |library| library.define("UNALIGNED_OK", None)),
        Variant::c("zlib: 64-bit words (Z_TESTW=8)", |library| library.define("Z_TESTW", "8")),
        Variant::c("zlib: 64-bit words, 1 at once (Z_TESTN=1)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "1")),
        Variant::c("zlib: 64-bit words, 2 at once (Z_TESTN=2)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "2")),
        Variant::c("zlib: 64-bit words, 3 at once (Z_TESTN=3)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "3")),
        Variant::c("zlib: 64-bit words, 4 at once (Z_TESTN=4)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "4")),
        Variant::c("zlib: 64-bit words, 5 at once (Z_TESTN=5)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "5")),
        Variant::c("zlib: 64-bit words, 6 at once (Z_TESTN=6)", |library| library.define("Z_TESTW", "8").define("Z_TESTN", "6")),
        Variant::c("clang: loop strength reduction", |library| library.strength_reduction(true)),
        Variant {
            metering: INTERRUPTS,
            ..Variant::c("clang: loop strength reduction, interruptible, loops not unrolled", |library| {
                library.strength_reduction(true).unroll_loops(false)
            })
        },
        Variant::c("clang: no vectorising", |library| library.flag("-fno-vectorize").flag("-fno-slp-vectorize")),
        Variant::c("clang: -fno-slp-vectorize", |library| library.flag("-fno-slp-vectorize")),
        Variant::c("clang: -fno-unroll-loops", |library| library.flag("-fno-unroll-loops")),
        Variant::c("clang: -fno-strict-aliasing", |library| library.flag("-fno-strict-aliasing")),
        Variant::c("clang: -fno-jump-tables", |library| library.flag("-fno-jump-tables")),
        Variant::c("clang: threads jumps of state machines", |library| library.flag("-mllvm").flag("-enable-dfa-jump-thread")),
        Variant::c("clang: branches stay branches", |library| {
            library.flag("-mllvm").flag("-phi-node-folding-threshold=0").flag("-mllvm").flag("-two-entry-phi-node-folding-threshold=0")
        }),
        Variant::c("clang: no partial redundancy elimination", |library| {
            library.flag("-mllvm").flag("-enable-load-pre=false").flag("-mllvm").flag("-enable-pre=false")
        }),
        Variant::c("clang: inlines more", |library| library.flag("-mllvm").flag("-inline-threshold=1000")),
        Variant { wasm_opt: Some(&["-O3"]), ..Variant::c("wasm-opt -O3", |library| library) },
        Variant { wasm_opt: Some(&["-O3", "--converge"]), ..Variant::c("wasm-opt -O3 --converge", |library| library) },
        Variant::cranelift("x86-64-v2", |config| enable(config, &V2)),
        Variant::cranelift("x86-64-v3", v3),
        Variant { cranelift: v3, ..Variant::c("x86-64-v3, UNALIGNED_OK", |library| library.define("UNALIGNED_OK", None)) },
        Variant::cranelift("Cranelift: speed and size", |config| config.cranelift_opt_level(OptLevel::SpeedAndSize)),
        Variant::cranelift("Cranelift: none", |config| config.cranelift_opt_level(OptLevel::None)),
        Variant::cranelift("no Spectre mitigation of tables", |config| {
            // SAFETY: a setting that changes no behaviour.
            unsafe { config.cranelift_flag_set("enable_table_access_spectre_mitigation", "false") }
        }),
        Variant::cranelift("no guard pages: each access checked", |config| {
            config.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(1 << 20)
        }),
        Variant::cranelift("memory that cannot move", |config| config.memory_may_move(false)),
    ]
}

/// A compiled and prepared guest.
pub(crate) struct Guest {
    store: Store<()>,
    tasks: Vec<TypedFunc<(), i32>>,
    pub(crate) code_bytes: usize,
    /// What build-support took, from C to machine code.
    pub(crate) built_in: Duration,
}

impl Guest {
    pub(crate) fn build(variant: &Variant, keep: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let out = tempfile::tempdir()?;
        let manifest = env!("CARGO_MANIFEST_DIR");
        let mut library = Library::new("variant");
        library
            .out_dir(out.path())
            .target(build_target())
            .source_dir(env!("VARIANTS_ZLIB"))
            .files(ZLIB)
            .source_dir(env!("VARIANTS_LIBPNG"))
            .files(LIBPNG)
            .include(env!("VARIANTS_CONFIG"))
            .file(format!("{manifest}/driver.c"))
            .header(format!("{manifest}/driver.h"))
            .allow_function("driver_.*")
            .interruptible(variant.metering.interrupts)
            .fuel(variant.metering.fuel);
        (variant.library)(&mut library);
        let begin = Instant::now();
        let output = library.try_compile()?;
        let built_in = begin.elapsed();
        let mut wasm = fs::read(output.wasm())?;

        if let Some(arguments) = variant.wasm_opt {
            let (before, after) = (out.path().join("before.wasm"), out.path().join("after.wasm"));
            fs::write(&before, &wasm)?;
            if !Command::new("wasm-opt").args(FEATURES).args(arguments).arg(&before).arg("--output").arg(&after).status()?.success() {
                return Err("wasm-opt failed".into());
            }
            wasm = fs::read(&after)?;
        }
        let mut config = sandbox_engine::config(variant.metering, sandbox_engine::StaticData::Copied);
        if let Some(checks) = variant.checks {
            wasm = instrument(&wasm, checks)?;
            config.wasm_multi_memory(true).wasm_threads(true).shared_memory(true);
        }
        config.cranelift_opt_level(OptLevel::Speed).wasm_relaxed_simd(true).wasm_tail_call(true);
        // As build-support does: named, the target has no more than what every such processor has.
        config.target(&build_target())?;
        (variant.cranelift)(&mut config);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, &wasm)?;
        if let Some(folder) = keep {
            let file = folder.join(variant.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"));
            fs::write(file.with_extension("wasm"), &wasm)?;
            fs::write(file.with_extension("cwasm"), module.serialize()?)?;
        }
        let code_bytes = module.image_range().end as usize - module.image_range().start as usize;
        let mut store = Store::new(&engine, ());
        if variant.metering.interrupts {
            store.set_epoch_deadline(1 << 60);
        }
        if variant.metering.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let mut flags = None;
        let mut imports: Vec<Extern> = Vec::new();
        for import in module.imports() {
            imports.push(match (import.module(), import.name()) {
                (instrument::MODULE, instrument::FLAGS) => {
                    flags.insert(SharedMemory::new(&engine, MemoryType::shared(1, 1))?).clone().into()
                }
                (instrument::MODULE, instrument::SLOT) => {
                    Global::new(&mut store, GlobalType::new(ValType::I32, Mutability::Const), Val::I32(SLOT.into()))?.into()
                }
                _ => {
                    let ty = import.ty().func().cloned().ok_or("an import that is no function")?;
                    Func::new(&mut store, ty, |_, _, _| Err(wasmtime::Error::msg("there is no host"))).into()
                }
            });
        }
        let instance = Instance::new(&mut store, &module, &imports)?;
        if let Some(slot) = instance.get_global(&mut store, instrument::SLOT) {
            slot.set(&mut store, Val::I32(SLOT.into()))?;
        }
        instance.get_typed_func::<(), ()>(&mut store, "_initialize")?.call(&mut store, ())?;
        if instance.get_typed_func::<(), i32>(&mut store, "driver_prepare")?.call(&mut store, ())? == 0 {
            return Err("the driver could not prepare".into());
        }
        let tasks: Vec<TypedFunc<(), i32>> =
            TASKS.iter().map(|task| instance.get_typed_func(&mut store, &format!("driver_{task}"))).collect::<Result<_, _>>()?;
        if let Some(checks) = variant.checks {
            let raise = |store: &mut Store<()>, value: u8| -> Result<(), Box<dyn Error>> {
                if checks.flag == Flag::Global {
                    let flag = instance.get_global(&mut *store, instrument::FLAG).ok_or("no flag")?;
                    flag.set(store, Val::I32(value.into()))?;
                } else {
                    let flags = flags.as_ref().ok_or("no flags")?;
                    let byte = flags.data().get(if checks.flag == Flag::First { 0 } else { SLOT.into() }).ok_or("no such slot")?;
                    // SAFETY: the memory of flags is accessed with atomic operations only once a guest runs on another thread; here none does.
                    unsafe { AtomicU8::from_ptr(byte.get()) }.store(value, Ordering::Relaxed);
                }
                Ok(())
            };
            raise(&mut store, 1)?;
            for task in &tasks {
                if task.call(&mut store, ()).is_ok() {
                    return Err("a check did not see its flag".into());
                }
            }
            raise(&mut store, 0)?;
        }
        Ok(Self { store, tasks, code_bytes, built_in })
    }

    pub(crate) fn run(&mut self, task: usize) -> Result<i32, Box<dyn Error>> {
        let task = self.tasks.get(task).ok_or("no such task")?;
        Ok(task.call(&mut self.store, ())?)
    }
}

/// This machine, as build-support names it.
fn build_target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}
