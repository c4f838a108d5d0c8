//! A way to compile the guest.

use std::error::Error;
use std::fs;

use build_support::{Library, Metering};
use wasmtime::{Engine, Func, Instance, Module, OptLevel, Store, TypedFunc};

use crate::{LIBPNG, TASKS, ZLIB};

/// A way to compile.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    /// The C compiler's settings.
    library: fn(&mut Library) -> &mut Library,
    metering: Metering,
    /// Cranelift's settings.
    cranelift: fn(&mut wasmtime::Config) -> &mut wasmtime::Config,
}

impl Variant {
    const fn c(name: &'static str, library: fn(&mut Library) -> &mut Library) -> Self {
        Self { name, library, metering: Metering { interrupts: false, fuel: false }, cranelift: |config| config }
    }

    const fn cranelift(name: &'static str, cranelift: fn(&mut wasmtime::Config) -> &mut wasmtime::Config) -> Self {
        Self { cranelift, ..Self::c(name, |library| library) }
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

/// All ways. The first is what build-support does, without checks.
pub(crate) fn variants() -> Vec<Variant> {
    vec![
        Variant::c("default", |library| library),
        Variant { metering: Metering { interrupts: true, fuel: false }, ..Variant::c("interruptible", |library| library) },
        Variant { metering: Metering { interrupts: false, fuel: true }, ..Variant::c("fuel", |library| library) },
        Variant::c("-O1", |library| library.opt_level("1")),
        Variant::c("-O2", |library| library.opt_level("2")),
        Variant::c("-Os", |library| library.opt_level("s")),
        Variant::c("-flto", |library| library.flag("-flto")),
        Variant::c("-funroll-loops", |library| library.flag("-funroll-loops")),
        Variant {
            metering: Metering { interrupts: true, fuel: false },
            ..Variant::c("interruptible, -funroll-loops", |library| library.flag("-funroll-loops"))
        },
        Variant::c("no SIMD", |library| library.simd(false)),
        Variant::c("-mrelaxed-simd", |library| library.flag("-mrelaxed-simd")),
        Variant::c("-mtail-call", |library| library.flag("-mtail-call")),
        Variant::c("no bulk memory", |library| library.flag("-mno-bulk-memory").flag("-mno-bulk-memory-opt")),
        Variant::c("zlib: UNALIGNED_OK", |library| library.define("UNALIGNED_OK", None)),
        Variant::c("zlib: 64-bit words (W=8)", |library| library.define("W", "8")),
        Variant::c("zlib: 32-bit words (W=4)", |library| library.define("W", "4")),
        Variant::cranelift("x86-64-v2", |config| enable(config, &V2)),
        Variant::cranelift("x86-64-v3", |config| {
            enable(config, &V2);
            enable(config, &V3)
        }),
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
}

impl Guest {
    pub(crate) fn build(variant: &Variant) -> Result<Self, Box<dyn Error>> {
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
            .allow_function("driver_.*");
        (variant.library)(&mut library);
        let wasm = fs::read(library.try_compile()?.wasm())?;

        let mut config = sandbox_engine::config(variant.metering);
        config.cranelift_opt_level(OptLevel::Speed).wasm_relaxed_simd(true).wasm_tail_call(true);
        // As build-support does: named, the target has no more than what every such processor has.
        config.target(&build_target())?;
        (variant.cranelift)(&mut config);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, &wasm)?;
        let code_bytes = module.image_range().end as usize - module.image_range().start as usize;
        let mut store = Store::new(&engine, ());
        if variant.metering.interrupts {
            store.set_epoch_deadline(1 << 60);
        }
        if variant.metering.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let imports: Vec<_> = module
            .imports()
            .filter_map(|import| import.ty().func().cloned())
            .map(|ty| Func::new(&mut store, ty, |_, _, _| Err(wasmtime::Error::msg("there is no host"))).into())
            .collect();
        let instance = Instance::new(&mut store, &module, &imports)?;
        instance.get_typed_func::<(), ()>(&mut store, "_initialize")?.call(&mut store, ())?;
        if instance.get_typed_func::<(), i32>(&mut store, "driver_prepare")?.call(&mut store, ())? == 0 {
            return Err("the driver could not prepare".into());
        }
        let tasks = TASKS.iter().map(|task| instance.get_typed_func(&mut store, &format!("driver_{task}"))).collect::<Result<_, _>>()?;
        Ok(Self { store, tasks, code_bytes })
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
