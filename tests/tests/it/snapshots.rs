//! Resets leave nothing behind, and snapshots bring back all that was there.

use sandbox::{Error, LimitKind, Limits, MemoryError, Output, Pool, Sandbox, Tainted, TaintedPtr};

use crate::limits::limits;

/// Declares the guest, as it can do everything, or what a snapshot can hold.
macro_rules! guest {
    ($name:ident, $file:literal) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file))))]
            pub mod $name {
                pub type handler = Option<unsafe extern "C" fn(c_int) -> c_int>;

                extern "C" {
                    /// Writes the secret into all of its memory, a global variable of WebAssembly
                    /// and the table.
                    pub fn remember(secret: u64, pages: c_int);
                    pub fn global() -> u64;
                    pub fn table_size() -> c_uint;
                    pub fn slot_is_set(slot: c_uint) -> c_int;
                    pub fn keep(handler: handler);
                    pub fn call_kept(value: c_int) -> c_int;
                    pub fn print(text: *const u8, length: c_uint) -> c_int;
                    pub fn everything() -> *mut u8;
                    pub fn trap();
                    pub fn recurse(value: c_int) -> c_int;
                }
            }
        }
    };
}

guest!(remembers, "remembers.cwasm");
guest!(plain, "remembers_for_snapshots.cwasm");

type L = remembers::Library;
type Sb = Sandbox<L>;

const SECRET: u64 = 0x5ec2_e75e_c2e7_5ec2;

fn value<T, L>(tainted: Tainted<T, L>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

fn fresh() -> Sb {
    let limits = Limits::new().memory(4 << 20);
    Sandbox::builder().limits(limits).stdout(Output::Capture { limit: 100 }).build().unwrap()
}

/// Leaves the secret in every place that there is.
fn leave_everywhere(sb: &mut Sb, pages: i32) {
    remembers::remember(sb, SECRET, pages).unwrap();
    let text = sb.copy_in(&SECRET.to_le_bytes()).unwrap();
    remembers::print(sb, text.as_ptr(), 8).unwrap();
    assert_eq!(sb.stdout().unverified_because("the test looks at what came out"), SECRET.to_le_bytes());
    let handler = sb.register_callback::<remembers::handler, _>(|_, value| Ok(value)).unwrap();
    remembers::keep(sb, &handler).unwrap();
    let app = sb.register_app(SECRET).unwrap();
    std::mem::forget((text, handler, app));
}

/// Looks for the secret in every place, and in all of the guest's memory.
fn assert_forgotten(sb: &mut Sb) {
    assert_eq!(sb.usage().memory, 2 << 16);
    let everything = remembers::everything(sb).unwrap();
    let memory = sb.copy_out(everything.add(1), (2 << 16) - 1).unwrap();
    let memory = value(memory);
    // Shorter than the secret: a part of it would be found too.
    let secret = SECRET.to_le_bytes();
    assert!(!memory.windows(3).any(|bytes| bytes == &secret[..3]), "in memory");
    assert_eq!(value(remembers::global(sb).unwrap()), 0, "in a global variable");
    assert_eq!(value(remembers::table_size(sb).unwrap()), 4, "in the table's size");
    for slot in 0..4 {
        assert_eq!(value(remembers::slot_is_set(sb, slot).unwrap()), i32::from(slot == 1), "in the table");
    }
    assert!(sb.stdout().unverified_because("the test looks at what came out").is_empty(), "in captured output");
}

#[test]
fn a_reset_leaves_nothing_behind_however_the_guest_ended() {
    let mut sb = fresh();
    let resets: u32 = std::env::var("RESETS").map_or(400, |count| count.parse().unwrap());
    for round in 0..resets {
        assert_forgotten(&mut sb);
        let old = sb.register_app(1_u8).unwrap();
        leave_everywhere(&mut sb, i32::try_from(round % 40).unwrap());
        match round % 5 {
            0 => {}
            1 => drop(remembers::trap(&mut sb).unwrap_err()),
            2 => drop(remembers::recurse(&mut sb, 0).unwrap_err()),
            // Out of memory: all that there is, full of the secret.
            3 => remembers::remember(&mut sb, SECRET, 1000).unwrap(),
            _ => {
                // A trap inside of a call of a callback.
                let handler = sb
                    .register_callback::<remembers::handler, _>(|sb, value| {
                        let _ = remembers::trap(sb);
                        Ok(value)
                    })
                    .unwrap();
                remembers::keep(&mut sb, &handler).unwrap();
                remembers::call_kept(&mut sb, 1).unwrap_err();
            }
        }
        sb.reset().unwrap();
        // What the host still has of before is of no use.
        let stale = TaintedPtr::from(&old);
        assert!(matches!(sb.app::<u8>(stale), Err(Error::WrongSandbox { .. })));
        assert!(remembers::call_kept(&mut sb, 1).is_err(), "a callback of before");
        sb.reset().unwrap();
    }
}

#[test]
fn output_ends_at_its_limit_whether_it_is_kept_or_not() {
    let limits = Limits::new().output(100);
    let mut sb = Sandbox::builder().limits(limits).stdout(Output::Capture { limit: 30 }).build().unwrap();
    let text = sb.copy_in(&[b'x'; 40]).unwrap();
    for _ in 0..2 {
        assert_eq!(value(remembers::print(&mut sb, text.as_ptr(), 40).unwrap()), 0);
    }
    assert_eq!((sb.usage().output, sb.stdout().unverified_because("the test looks at what came out").len()), (80, 30));
    let error = remembers::print(&mut sb, text.as_ptr(), 40).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Output, limit: 100, .. }), "{error}");
    assert_eq!(sb.usage().output, 80);
    sb.reset().unwrap();
    assert_eq!(sb.usage().output, 0);
}

#[test]
fn a_fresh_sandbox_has_nothing_of_one_that_is_gone() {
    for _ in 0..50 {
        let mut sb = fresh();
        assert_forgotten(&mut sb);
        leave_everywhere(&mut sb, 40);
    }
}

type P = plain::Library;
type Plain = Sandbox<P>;

fn fresh_plain() -> Plain {
    Sandbox::builder().limits(Limits::new().memory(4 << 20)).build().unwrap()
}

/// A sandbox that has filled 20 pages, and where it did.
fn set_up() -> (Plain, TaintedPtr<u8, P>) {
    let mut sb = fresh_plain();
    plain::remember(&mut sb, SECRET, 20).unwrap();
    let words = sb.copy_in(b"words").unwrap().leak();
    (sb, words)
}

fn words(sb: &Plain, words: TaintedPtr<u8, P>) -> sandbox::Result<Vec<u8>> {
    sb.copy_out(words, 5).map(value)
}

#[test]
fn a_snapshot_is_where_others_begin_and_begin_again() {
    let (mut sb, pointer) = set_up();
    let snapshot = sb.snapshot().unwrap();
    assert!((20 << 16..=22 << 16).contains(&snapshot.bytes()), "{snapshot:?}");
    // What happens later is not in it.
    sb.write(pointer, b'W').unwrap();
    let mut other = Sandbox::builder().snapshot(&snapshot).build().unwrap();
    for _ in 0..3 {
        assert_eq!(other.usage().memory, 22 << 16);
        let there = snapshot.pointer(&other, pointer).unwrap();
        assert_eq!(words(&other, there).unwrap(), b"words");
        let block = other.copy_in(b"more").unwrap();
        assert_ne!(value(block.as_ptr().address()), value(there.address()), "malloc goes on where it was");
        other.write(there, b'X').unwrap();
        plain::trap(&mut other).unwrap_err();
        other.reset().unwrap();
        assert!(matches!(words(&other, there), Err(Error::WrongSandbox { .. })));
    }
    sb.reset().unwrap();
    assert_eq!(sb.usage().memory, 2 << 16, "its own resets go back to the beginning");
    assert!(matches!(snapshot.pointer(&sb, pointer), Err(Error::WrongSandbox { .. })));
    sb.reset_to(&snapshot).unwrap();
    sb.reset().unwrap();
    let here = snapshot.pointer(&sb, pointer).unwrap();
    assert_eq!(words(&sb, here).unwrap(), b"words");
    assert!(matches!(snapshot.pointer(&sb, here), Err(Error::WrongSandbox { .. })), "a pointer of another sandbox");
}

#[test]
fn a_pool_of_snapshots_begins_each_request_there() {
    let (mut sb, pointer) = set_up();
    let snapshot = sb.snapshot().unwrap();
    let pool = Pool::new(2, Sandbox::builder().snapshot(&snapshot));
    for _ in 0..10 {
        let mut sb = pool.take().unwrap();
        let there = snapshot.pointer(&sb, pointer).unwrap();
        assert_eq!(words(&sb, there).unwrap(), b"words");
        sb.write(there, 0).unwrap();
    }
}

#[test]
fn what_cannot_be_in_a_snapshot_is_said_and_nothing_changes() {
    let mut sb = fresh_plain();
    let handler = sb.register_callback::<plain::handler, _>(|_, value| Ok(value)).unwrap();
    let error = sb.snapshot().unwrap_err();
    assert_eq!(
        error.to_string(),
        "library `plain` cannot be snapshotted, or started from this snapshot: callbacks were registered; take the snapshot before"
    );
    drop(handler);
    sb.reset().unwrap();
    let app = sb.register_app(1).unwrap();
    assert!(matches!(sb.snapshot().unwrap_err(), Error::Snapshot { what: "app pointers were registered; take the snapshot before", .. }));
    drop(app);
    sb.fn_ptr(plain::functions::recurse).unwrap();
    assert!(matches!(sb.snapshot().unwrap_err(), Error::Snapshot { what: "its function table has grown", .. }));
    plain::trap(&mut sb).unwrap_err();
    assert!(matches!(sb.snapshot().unwrap_err(), Error::Poisoned { .. }));
    sb.reset().unwrap();
    sb.snapshot().unwrap();
}

#[test]
fn global_variables_are_in_a_snapshot_and_a_changing_table_is_said() {
    let (mut sb, _) = set_up();
    let snapshot = sb.snapshot().unwrap();
    plain::remember(&mut sb, 1, 0).unwrap();
    let mut other = Sandbox::builder().snapshot(&snapshot).build().unwrap();
    for _ in 0..2 {
        assert_eq!(value(plain::global(&mut other).unwrap()), SECRET);
        plain::remember(&mut other, 1, 0).unwrap();
        assert_eq!(value(plain::global(&mut other).unwrap()), 1);
        other.reset().unwrap();
    }
    // It might have changed its table, of which nobody knows.
    let error = fresh().snapshot().unwrap_err();
    assert!(matches!(error, Error::Snapshot { what: "the library's code changes its tables or drops its segments", .. }), "{error}");
}

#[test]
fn a_snapshot_needs_as_much_memory_as_it_has() {
    let (mut sb, _) = set_up();
    let snapshot = sb.snapshot().unwrap();
    let small = Sandbox::builder().memory_limit(1 << 20).snapshot(&snapshot).build();
    assert!(matches!(small, Err(Error::Limit { which: LimitKind::Memory, limit: 0x10_0000, .. })));
    let mut other = Sandbox::<limits::Library>::new().unwrap();
    other.alloc::<u8>(1).unwrap();
    assert!(matches!(other.copy_out(TaintedPtr::null(), 1), Err(Error::Memory(MemoryError::Null))));
}
