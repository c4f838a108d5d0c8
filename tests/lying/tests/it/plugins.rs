//! Code that comes while the application runs: checked as the library's own, and limited as it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sandbox::{Clock, Error, LimitKind, Limits, Metering, Pool, Sandbox, SandboxModule};

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/plugin.cwasm"))))]
    pub mod plugin {
        extern "C" {
            pub fn version() -> c_int;
            pub fn add(a: c_int, b: c_int) -> c_int;
        }
    }
}

type L = plugin::Library;

/// What every version has.
const COMMON: &str = r#"(memory (export "memory") 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))"#;

fn version(number: i32) -> String {
    format!("{COMMON} (func (export \"version\") (result i32) (i32.const {number}))")
}

fn load(text: &str) -> sandbox::Result<SandboxModule<L>> {
    SandboxModule::from_wasm(&wat::parse_str(format!("(module {text})")).unwrap())
}

fn version_of(sb: &mut Sandbox<L>) -> i32 {
    plugin::version(sb).unwrap().unverified_because("the test looks at what came out")
}

/// The reason why a module is refused.
fn refused(text: &str) -> String {
    match load(text) {
        Err(Error::Module { library: "plugin", reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_runs_beside_the_librarys_own_code() {
    let module = load(&version(2)).unwrap();
    let mut sb = module.builder().build().unwrap();
    assert_eq!(version_of(&mut sb), 2);
    assert_eq!(version_of(&mut Sandbox::new().unwrap()), 1);
    sb.reset().unwrap();
    assert_eq!(version_of(&mut sb), 2, "a reset keeps the code");
    let pool = Pool::new(2, module.builder());
    assert_eq!(version_of(&mut pool.take().unwrap()), 2);
}

#[test]
fn a_plugin_with_another_interface_is_refused_with_the_reason() {
    assert!(refused("").contains("memory"));
    assert!(refused(COMMON).contains("does not export the C function `version`"));
    let wrong = format!("{COMMON} (func (export \"version\") (result i64) (i64.const 1))");
    assert!(refused(&wrong).contains("the C function `version` is declared as [] -> Some(I32)"), "{}", refused(&wrong));
    assert!(refused(&format!("(import \"a\" \"b\" (global i32)) {}", version(2))).contains("a.b"));
    for broken in [&b""[..], b"\0asm", b"not WebAssembly at all", b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f"] {
        assert!(matches!(SandboxModule::<L>::from_wasm(broken), Err(Error::Module { .. })));
    }
    // What C never needs, and what is off.
    assert!(matches!(load(&format!("(memory 1) {}", version(2))), Err(Error::Module { .. })));
}

#[test]
fn a_plugin_that_is_too_much_to_compile_is_refused_at_once() {
    let began = std::time::Instant::now();
    let many = "(func)".repeat(50_001);
    assert!(refused(&many).contains("it has 50001 functions, and at most 50000 are compiled"), "{}", refused(&many));
    let long = format!("(func {})", "(drop (i32.const 1))".repeat(350_000));
    assert!(refused(&long).contains("bytes in one function"), "{}", refused(&long));
    // Each block stands for two thousand values, in three bytes.
    let types = format!("(type $many (func (param {0}) (result {0})))", "i64 ".repeat(1000));
    let blocks = format!("{types} (func unreachable {})", "block (type $many) end ".repeat(10_000));
    assert!(refused(&blocks).contains("local variables, parameters and results"), "{}", refused(&blocks));
    let calls = format!("{types} (func $f (type $many) unreachable) (func unreachable {})", "call $f ".repeat(10_000));
    assert!(refused(&calls).contains("local variables, parameters and results"));
    let locals = format!("(func (local {}))", "i64 ".repeat(40_000)).repeat(500);
    assert!(refused(&locals).contains("local variables, parameters and results"));
    // Text takes longer to make than the modules take to be refused.
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn the_librarys_own_machine_code_is_no_plugin() {
    let code = include_bytes!(concat!(env!("OUT_DIR"), "/plugin.cwasm"));
    assert!(matches!(SandboxModule::<L>::from_wasm(code), Err(Error::Module { .. })));
}

#[test]
fn a_plugin_has_the_limits_of_any_library() {
    let spin = format!("{COMMON} (func (export \"version\") (result i32) (loop (br 0)) (unreachable))");
    let limits = Limits::new().deadline(Duration::from_millis(40)).memory(1 << 20);
    let error = plugin::version(&mut load(&spin).unwrap().with_limits(limits).builder().build().unwrap()).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Time, .. }), "{error}");
    // It never gets as far as a call.
    let start = format!("{} (func $start (loop (br 0))) (start $start)", version(2));
    let error = load(&start).unwrap().with_limits(limits).builder().build().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Time, .. }), "{error}");
    let large = version(2).replace("\"memory\") 1", "\"memory\") 17");
    let error = load(&large).unwrap().with_limits(limits).builder().build().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, limit: 0x10_0000, .. }), "{error}");
    let denied =
        format!("(import \"env\" \"system\" (func $system (result i32))) {COMMON} (func (export \"version\") (result i32) (call $system))");
    let error = plugin::version(&mut load(&denied).unwrap().builder().build().unwrap()).unwrap_err();
    assert!(matches!(error, Error::DeniedImport { .. }), "{error}");
}

#[test]
fn a_plugin_has_the_checks_that_were_asked_for() {
    let wasm = wat::parse_str(format!("(module {})", version(2))).unwrap();
    let counting = SandboxModule::<L>::from_wasm_metered(&wasm, Metering { interrupts: false, fuel: true }).unwrap();
    let mut sb = counting.builder().limits(Limits::new().fuel(1000)).build().unwrap();
    assert_eq!(version_of(&mut sb), 2);
    assert!((1..10).contains(&sb.usage().fuel), "{:?}", sb.usage());
    assert!(matches!(sb.cancel_handle(), Err(Error::NotMetered { setting: "interruptible", .. })));
}

#[test]
fn a_snapshot_of_one_version_is_none_of_another() {
    let (two, three) = (load(&version(2)).unwrap(), load(&version(3)).unwrap());
    let snapshot = two.builder().build().unwrap().snapshot().unwrap();
    assert_eq!(version_of(&mut two.builder().snapshot(&snapshot).build().unwrap()), 2);
    let error = three.builder().snapshot(&snapshot).build().unwrap_err();
    assert!(matches!(error, Error::Snapshot { what: "it is of another module", .. }), "{error}");
}

#[test]
fn a_table_that_no_slot_has_is_a_limit_too() {
    let wide = format!("(table 1100000 funcref) {}", version(4));
    let error = load(&wide).unwrap().builder().build().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::TableSlots, limit: 0x10_0000, .. }), "{error}");
}

#[test]
fn a_snapshot_keeps_its_module_and_brings_it() {
    let begins = |number| {
        let module = load(&version(number)).unwrap().with_limits(Limits::new().memory(1 << 20));
        module.builder().build().unwrap().snapshot().unwrap()
    };
    // However many modules come and go, none is taken for that of the snapshot.
    let snapshot = begins(7);
    for number in 8..20 {
        let other = load(&version(number)).unwrap().builder().snapshot(&snapshot).build();
        assert!(matches!(other, Err(Error::Snapshot { .. })));
    }
    let mut sb = Sandbox::builder().snapshot(&snapshot).build().unwrap();
    assert_eq!((version_of(&mut sb), sb.limits()), (7, Limits::new().memory(1 << 20)));
}

#[test]
fn a_constructor_that_never_ends_is_cancelled_while_the_sandbox_is_reset() {
    // It ends as long as the clock says 0.
    let clock = Arc::new(AtomicU64::new(0));
    let seconds = Arc::clone(&clock);
    let body = r#"(drop (call $clock (i32.const 0) (i64.const 1) (i32.const 8)))
        (block (br_if 0 (i64.eqz (i64.load (i32.const 8)))) (loop (br 0)))"#;
    let import = r#"(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))"#;
    let module = load(&format!("{import} {} (func (export \"_initialize\") {body})", version(5))).unwrap();
    let now = Clock::custom(move |_| Duration::from_secs(seconds.load(Ordering::Relaxed)));
    let mut sb = module.builder().clock(now).build().unwrap();
    let handle = sb.cancel_handle().unwrap();
    clock.store(1, Ordering::Relaxed);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(50));
            assert!(handle.cancel());
        });
        let error = sb.reset().unwrap_err();
        assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    });
    // The sandbox is as it was.
    assert_eq!(version_of(&mut sb), 5);
    clock.store(0, Ordering::Relaxed);
    sb.reset().unwrap();
    assert!(handle.cancel(), "a handle works each time");
    assert!(matches!(plugin::version(&mut sb), Err(Error::Cancelled { .. })));
}

#[test]
fn a_clock_that_panics_when_a_sandbox_comes_back_costs_the_pool_no_place() {
    let panics = Arc::new(AtomicBool::new(false));
    let import = r#"(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))"#;
    let body = "(drop (call $clock (i32.const 0) (i64.const 1) (i32.const 8)))";
    let module = load(&format!("{import} {} (func (export \"_initialize\") {body})", version(6))).unwrap();
    let bad = Arc::clone(&panics);
    let clock =
        Clock::custom(move |_| if bad.load(Ordering::Relaxed) { std::panic::resume_unwind(Box::new("a clock")) } else { Duration::ZERO });
    let pool = Pool::new(1, module.builder().clock(clock));
    let sb = pool.take().unwrap();
    panics.store(true, Ordering::Relaxed);
    drop(sb);
    panics.store(false, Ordering::Relaxed);
    assert_eq!(version_of(&mut pool.try_take().unwrap()), 6);
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/plugin.cwasm"))))]
    pub mod swapped {
        extern "C" {
            pub fn version() -> c_int;
        }
    }
}

#[test]
fn a_plugin_is_replaced_while_others_run() {
    let load =
        |number| SandboxModule::<swapped::Library>::from_wasm(&wat::parse_str(format!("(module {})", version(number))).unwrap()).unwrap();
    let version_of = |sb: &mut Sandbox<_>| swapped::version(sb).unwrap().unverified_because("the test looks at what came out");
    let pool = Pool::new(2, Sandbox::<swapped::Library>::builder());
    let mut old = Sandbox::new().unwrap();
    assert_eq!(version_of(&mut old), 1);
    drop(pool.take().unwrap());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Whoever runs meanwhile sees one version or another, and never a mixture.
            let mut last = 1;
            while !done.load(Ordering::Relaxed) {
                let found = version_of(&mut Sandbox::new().unwrap());
                assert!((last..=20).contains(&found), "{found} after {last}");
                last = found;
            }
        });
        for number in 2..=20 {
            load(number).make_default();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(version_of(&mut Sandbox::new().unwrap()), 20);
    old.reset().unwrap();
    assert_eq!(version_of(&mut old), 1, "a sandbox keeps the code that it was made with");
    drop(pool.take().unwrap());
    assert_eq!(version_of(&mut pool.take().unwrap()), 20, "a pool takes the new code for each sandbox that comes back");
}
