//! Guests that must not even start.

use sandbox::{Error, LimitKind, Sandbox, TrapKind};

macro_rules! guest {
    ($name:ident, $file:literal) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file, ".cwasm"))))]
            pub mod $name {
                extern "C" {
                    pub fn add(a: c_int, b: c_int) -> c_int;
                }
            }
        }
    };
}

guest!(empty, "empty");
guest!(wrong_signature, "wrong_signature");
guest!(no_memory, "no_memory");
guest!(imports_memory, "imports_memory");
guest!(start_traps, "start_traps");
guest!(wants_much, "wants_much");

macro_rules! variable {
    ($name:ident, $file:literal) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file, ".cwasm"))))]
            pub mod $name {
                extern "C" {
                    pub static level: c_int;
                }
            }
        }
    };
}

variable!(no_variable, "empty");
variable!(global_mutable, "global_mutable");
variable!(global_wide, "global_wide");
variable!(global_function, "global_function");

fn refusal<L: sandbox::Library>(says: &str) {
    let error = Sandbox::<L>::new().unwrap_err();
    assert!(matches!(error, Error::Module { .. }), "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn a_module_that_is_not_what_the_bindings_say() {
    refusal::<empty::Library>("does not export the C function `add`");
    refusal::<wrong_signature::Library>("the C function `add` is declared as");
    refusal::<no_memory::Library>("no 32-bit memory");
    refusal::<imports_memory::Library>("`env.memory`");
}

#[test]
fn a_variable_whose_address_is_no_constant() {
    refusal::<no_variable::Library>("does not export the address of the C variable `level`");
    refusal::<global_mutable::Library>("the address of the C variable `level`");
    refusal::<global_wide::Library>("the address of the C variable `level`");
    refusal::<global_function::Library>("the address of the C variable `level`");
}

#[test]
fn static_constructors_that_trap() {
    let error = Sandbox::<start_traps::Library>::new().unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::Abort && trap.function() == "_initialize"), "{error}");
}

#[test]
fn more_memory_from_the_start_than_the_limit() {
    let error = Sandbox::<wants_much::Library>::new().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, .. }), "{error}");
    Sandbox::<wants_much::Library>::builder().memory_limit(1 << 30).build().unwrap();
}
