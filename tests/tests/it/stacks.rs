//! Calls on stacks that are not a thread's own: each is an answer or an error, never the end of the
//! process.
#![allow(unsafe_code, reason = "another stack is what the test is about")]

use std::alloc::{Layout, alloc, dealloc};
use std::ops::Range;
use std::ptr::{self, with_exposed_provenance_mut};

use sandbox::{Error, LimitKind, Sandbox};

use crate::hostile::liar;

type Sb = Sandbox<liar::Library>;

/// A stack in memory of the allocator's: a small one on the heap, a large one in a mapping of its
/// own.
struct Memory {
    /// Where the memory begins.
    start: usize,
    size: usize,
}

/// What is left free below each stack: if a test fails, it shall not be by overwriting what belongs
/// to others.
const BELOW: usize = 256 << 10;

impl Memory {
    fn new(size: usize) -> Self {
        // SAFETY: the size is not zero.
        let start = unsafe { alloc(Self::layout(size)) };
        assert!(!ptr::eq(start, ptr::null()));
        Self { start: start.expose_provenance(), size }
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(BELOW + size, 4096).unwrap()
    }

    fn range(&self) -> Range<usize> {
        self.start + BELOW..self.start + BELOW + self.size
    }

    /// Runs a closure on it.
    fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        // SAFETY: the memory is this stack's alone, and large enough for what the tests do outside
        // of guests.
        unsafe { psm::on_stack(with_exposed_provenance_mut(self.range().start), self.size, run) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout.
        unsafe { dealloc(with_exposed_provenance_mut(self.start), Self::layout(self.size)) };
    }
}

const SIZES: [usize; 6] = [16 << 10, 128 << 10, 256 << 10, 1 << 20, 8 << 20, 64 << 20];

/// Calls on each stack, first without a word about it and then with one.
fn calls(stacks: &[Memory]) {
    for stack in stacks {
        let mut sb = Sb::new().unwrap();
        let size = stack.size;
        let error = stack.run(|| liar::recurse(&mut sb, 0).map(drop).unwrap_err());
        assert!(matches!(error, Error::UnknownStack), "{size}: {error}");
        assert!(!sb.is_poisoned());
        // SAFETY: it is this stack.
        let error = stack.run(|| unsafe { sandbox::on_stack(stack.range(), || liar::recurse(&mut sb, 0).map(drop).unwrap_err()) });
        if size < 1 << 20 {
            assert!(matches!(error, Error::HostStack { .. }), "{size}: {error}");
            assert!(!sb.is_poisoned());
        } else {
            assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{size}: {error}");
        }
        // What was said holds for the closure alone.
        sb.reset().unwrap();
    }
}

#[test]
fn stacks_above_and_below_the_threads_own() {
    // What is mapped before a thread lies above its stack, and what is mapped later below.
    let before: Vec<Memory> = SIZES.map(Memory::new).into();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            calls(&before);
            calls(&SIZES.map(Memory::new));
        });
    });
    calls(&before);
}

#[test]
fn a_stack_that_is_named_wrongly_is_refused() {
    let mut sb = Sb::new().unwrap();
    let stack = Memory::new(4 << 20);
    // SAFETY: it is not this stack, and so nothing runs.
    let error = unsafe { sandbox::on_stack(stack.range(), || liar::recurse(&mut sb, 0).map(drop).unwrap_err()) };
    assert!(matches!(error, Error::UnknownStack), "{error}");
    assert!(matches!(liar::recurse(&mut sb, 0), Err(Error::Limit { which: LimitKind::CallStack, .. })));
}

#[test]
fn stacks_that_stacker_made_are_known() {
    let mut sb = Sb::new().unwrap();
    let error = stacker::grow(4 << 20, || liar::recurse(&mut sb, 0).map(drop).unwrap_err());
    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{error}");
}

#[test]
fn a_coroutine_within_a_new_stack_is_told_from_it() {
    let (coroutine, outer) = (Memory::new(64 << 10), Memory::new(64 << 10));
    let mut sb = Sb::new().unwrap();
    sandbox::on_new_stack(4 << 20, || {
        let error = coroutine.run(|| liar::recurse(&mut sb, 0).map(drop).unwrap_err());
        assert!(matches!(error, Error::UnknownStack), "{error}");
        assert!(matches!(liar::recurse(&mut sb, 0), Err(Error::Limit { which: LimitKind::CallStack, .. })));
    });
    // Within another new stack in that, too.
    sb.reset().unwrap();
    let error = sandbox::on_new_stack(4 << 20, || {
        let inner = || sandbox::on_new_stack(4 << 20, || coroutine.run(|| liar::recurse(&mut sb, 0).map(drop).unwrap_err()));
        outer.run(inner)
    });
    assert!(matches!(error, Error::UnknownStack), "{error}");
}

#[test]
fn a_new_stack_that_is_too_small_is_an_error_and_one_that_is_too_large_a_panic() {
    let mut sb = Sb::new().unwrap();
    for bytes in [0, 1, 4096, 100 << 10] {
        let error = sandbox::on_new_stack(bytes, || liar::recurse(&mut sb, 0).map(drop).unwrap_err());
        assert!(matches!(error, Error::HostStack { .. }), "{bytes}: {error}");
    }
    assert!(!sb.is_poisoned());
    for bytes in [1 << 46, usize::MAX / 2] {
        assert!(std::panic::catch_unwind(|| sandbox::on_new_stack(bytes, || ())).is_err(), "{bytes}");
    }
    assert!(matches!(liar::recurse(&mut sb, 0), Err(Error::Limit { which: LimitKind::CallStack, .. })));
}

/// As many levels as an interpreter makes that is 1,600 calls deep.
const LEVELS: i32 = 190_000;

/// The setting is of the whole process, so this runs in one of its own.
#[test]
#[ignore = "the other end of the test below"]
fn a_process_with_a_larger_stack() {
    if std::env::var_os("SANDBOX_TEST_CALL_STACK").is_none() {
        return;
    }
    assert!(matches!(sandbox::set_call_stack(1), Err(Error::CallStack { bytes: 1, .. })));
    sandbox::set_call_stack(32 << 20).unwrap();
    sandbox::set_call_stack(32 << 20).unwrap();
    // The thread of a test has 2 MiB.
    assert!(matches!(Sb::new(), Err(Error::HostStack { .. })));
    let mut sb = sandbox::on_new_stack(64 << 20, crate::odd::fresh);
    let error = crate::odd::odd::odd_depth(&mut sb, 1).unwrap_err();
    assert!(matches!(error, Error::HostStack { needed, .. } if needed > 32 << 20), "{error}");
    let depth = |sb: &mut _, levels| sandbox::on_new_stack(64 << 20, || crate::odd::odd::odd_depth(sb, levels));
    let deep = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        assert_eq!(crate::odd::value(crate::odd::odd::odd_depth(&mut sb, LEVELS).unwrap()), LEVELS);
        sb
    });
    let mut sb = deep.unwrap().join().unwrap();
    assert_eq!(crate::odd::value(depth(&mut sb, LEVELS).unwrap()), LEVELS);
    assert!(matches!(depth(&mut sb, i32::MAX), Err(Error::Limit { which: LimitKind::CallStack | LimitKind::Stack, .. })));
    assert!(matches!(sandbox::set_call_stack(1 << 20), Err(Error::CallStack { .. })));
}

#[test]
fn interpreters_can_be_as_deep_as_native_ones() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "stacks::a_process_with_a_larger_stack", "--ignored"]).env("SANDBOX_TEST_CALL_STACK", "1");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    // The default stays within a thread of Rust's.
    let mut sb = crate::odd::fresh();
    let error = crate::odd::odd::odd_depth(&mut sb, LEVELS).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, limit: 524_288, .. }), "{error}");
    assert!(error.to_string().contains("sandbox::set_call_stack"), "{error}");
}
