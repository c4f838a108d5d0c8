//! Calls in both directions, on a C library that checks what it gets.

mod app_pointers;
mod by_value;
mod callbacks;
mod functions;
mod hostile;
mod jumps;
mod observed;
mod variadics;

use sandbox::{Error, Sandbox, Tainted, TaintedPtr};

sandbox::include_library!(calls);

type Sb = Sandbox<calls::Library>;

fn fresh() -> Sb {
    Sandbox::new().unwrap()
}

fn value<T>(tainted: Tainted<T, calls::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

/// The sandbox still works, or does again after a reset.
fn poisoned_until_reset(sb: &mut Sb) {
    assert!(sb.is_poisoned());
    assert!(matches!(calls::calls_add(sb, 1, 2), Err(Error::Poisoned { .. })));
    assert!(matches!(sb.read(TaintedPtr::<u8, _>::null()), Err(Error::Poisoned { .. })));
    sb.reset().unwrap();
    works(sb);
}

fn works(sb: &mut Sb) {
    assert!(!sb.is_poisoned());
    assert_eq!(value(calls::calls_add(sb, 1, 2).unwrap()), 3);
}
