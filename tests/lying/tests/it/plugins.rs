//! Code that comes while the application runs: checked as the library's own, and limited as it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use sandbox::{Error, LimitKind, Limits, Metering, Pool, Sandbox, SandboxModule};

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
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, limit: 0x10_0000 }), "{error}");
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
fn more_memory_than_a_slot_has_is_had_on_demand() {
    // More table elements than a prepared slot has, and within the limits of the sandbox only if these are raised.
    let wide = format!("(table 1100000 funcref) {}", version(4));
    let error = load(&wide).unwrap().builder().build().unwrap_err();
    assert!(matches!(error, Error::Module { .. } | Error::Limit { .. }), "{error}");
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
