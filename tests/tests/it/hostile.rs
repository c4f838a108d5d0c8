//! Guests that lie, and what becomes of the host: an `Err`, and a sandbox that works again after `reset`.

use sandbox::{CBool, Error, LimitKind, MemoryError, Output, Sandbox, Tainted, TaintedPtr, TrapKind};

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/liar.cwasm"))))]
    pub mod liar {
        #[layout(size = 8, align = 4)]
        pub struct pair {
            #[offset(0)] pub first: c_int,
            #[offset(4)] pub next: *mut pair,
        }

        extern "C" {
            pub fn set_malloc(address: c_uint);
            pub fn set_free_traps(yes: c_int);
            pub fn freed() -> c_uint;
            pub fn pointer(address: c_uint) -> *mut u8;
            pub fn dirty_u8() -> u8;
            pub fn dirty_i16() -> i16;
            pub fn dirty_bool(value: c_uint) -> bool;
            pub fn double(value: f64) -> f64;
            pub fn wide(value: u64) -> u64;
            pub fn grow(pages: c_uint) -> c_int;
            pub fn grow_until_refused() -> c_uint;
            pub fn grow_and_fail() -> c_uint;
            pub fn grow_table(slots: c_uint) -> c_int;
            pub fn store(at: *mut u8, value: c_int);
            pub fn fill_end();
            pub fn abort_now();
            pub fn divide(a: c_int, b: c_int) -> c_int;
            pub fn load(at: *const c_int) -> c_int;
            pub fn call_slot(slot: c_uint) -> c_int;
            pub fn recurse(depth: c_int) -> c_int;
            pub fn leave(code: c_int);
            pub fn run_command() -> c_int;
            pub fn throw(value: c_int);
            pub fn throw_and_catch(times: c_uint) -> c_uint;
            pub fn never_returns() -> !;
            pub fn write_fd(fd: c_int, iovecs: *const c_void, count: c_uint, written: *mut c_uint) -> c_int;
            pub fn clock() -> c_int;
            pub fn open() -> c_int;
            pub fn environ(count: *mut c_uint, size: *mut c_uint) -> c_int;
        }
    }
}

type Sb = Sandbox<liar::Library>;

fn fresh() -> Sb {
    Sandbox::new().unwrap()
}

fn value<T>(tainted: Tainted<T, liar::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

fn pointer(sb: &mut Sb, address: u32) -> TaintedPtr<u8, liar::Library> {
    liar::pointer(sb, address).unwrap()
}

/// Checks that the sandbox is poisoned, stays so for every operation, and is as new after `reset`.
fn assert_poisoned_until_reset(sb: &mut Sb) {
    assert!(sb.is_poisoned());
    assert!(matches!(liar::freed(sb), Err(Error::Poisoned { .. })));
    assert!(matches!(sb.copy_in(b"x"), Err(Error::Poisoned { .. })));
    assert!(matches!(sb.memory_size(), Err(Error::Poisoned { .. })));
    sb.reset().unwrap();
    assert!(!sb.is_poisoned());
    assert_eq!(value(liar::freed(sb).unwrap()), 0);
}

fn trap_kind(error: &Error) -> Option<TrapKind> {
    match error {
        Error::Trap(trap) => Some(trap.kind()),
        _ => None,
    }
}

#[test]
fn each_trap_is_an_error_that_names_the_function_and_what_happened() {
    type Call = fn(&mut Sb) -> sandbox::Result<()>;
    let cases: [(&str, TrapKind, Call); 9] = [
        ("abort_now", TrapKind::Abort, |sb| liar::abort_now(sb)),
        ("divide", TrapKind::DivisionByZero, |sb| liar::divide(sb, 1, 0).map(drop)),
        ("divide", TrapKind::Overflow, |sb| liar::divide(sb, i32::MIN, -1).map(drop)),
        ("load", TrapKind::OutOfBounds, |sb| {
            let end = pointer(sb, u32::MAX).cast();
            liar::load(sb, end).map(drop)
        }),
        ("call_slot", TrapKind::NullFunction, |sb| liar::call_slot(sb, 0).map(drop)),
        ("call_slot", TrapKind::BadSignature, |sb| liar::call_slot(sb, 1).map(drop)),
        ("call_slot", TrapKind::NullFunction, |sb| liar::call_slot(sb, u32::MAX).map(drop)),
        ("throw", TrapKind::UncaughtJump, |sb| liar::throw(sb, 7)),
        ("never_returns", TrapKind::Returned, |sb| liar::never_returns(sb).map(|never| match never {})),
    ];
    let mut sb = fresh();
    for (function, kind, call) in cases {
        let error = call(&mut sb).unwrap_err();
        assert_eq!(trap_kind(&error), Some(kind), "{error}");
        assert!(error.poisons());
        assert!(error.to_string().starts_with(&format!("`{function}` trapped: ")), "{error}");
        assert_poisoned_until_reset(&mut sb);
    }
}

#[test]
fn endless_recursion_is_a_limit() {
    let mut sb = fresh();
    let error = liar::recurse(&mut sb, 0).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{error}");
    assert_poisoned_until_reset(&mut sb);
}

#[test]
fn exit_is_an_error_with_its_code() {
    let mut sb = fresh();
    let error = liar::leave(&mut sb, -3).unwrap_err();
    assert!(matches!(error, Error::Exit { function: "leave", code: -3, .. }), "{error}");
    assert_poisoned_until_reset(&mut sb);
}

#[test]
fn a_denied_import_is_an_error_that_names_it() {
    let mut sb = fresh();
    let error = liar::run_command(&mut sb).unwrap_err();
    assert_eq!(error.to_string(), "`run_command` called the denied import `env.system`");
    assert_poisoned_until_reset(&mut sb);
}

#[test]
fn what_libc_asks_for_gets_an_error_number() {
    let mut sb = fresh();
    assert_eq!(value(liar::clock(&mut sb).unwrap()), 52);
    assert_eq!(value(liar::open(&mut sb).unwrap()), 52);
    let place = sb.alloc::<u32>(2).unwrap();
    sb.write(place.as_ptr(), 9).unwrap();
    assert_eq!(value(liar::environ(&mut sb, &place, place.as_ptr().add(1)).unwrap()), 0);
    assert_eq!(value(sb.read(place.as_ptr()).unwrap()), 0);
    let outside = pointer(&mut sb, u32::MAX - 1).cast();
    assert_eq!(value(liar::environ(&mut sb, outside, outside).unwrap()), 28);
}

#[test]
fn a_narrow_result_is_cut_to_its_width() {
    let mut sb = fresh();
    assert_eq!(value(liar::dirty_u8(&mut sb).unwrap()), 1);
    assert_eq!(value(liar::dirty_i16(&mut sb).unwrap()), i16::MIN);
    for (raw, expected) in [(0, Some(false)), (1, Some(true)), (2, None), (256, None), (u32::MAX, None)] {
        assert_eq!(value(liar::dirty_bool(&mut sb, raw).unwrap()).get(), expected);
    }
    assert_eq!(value(liar::wide(&mut sb, u64::MAX).unwrap()), u64::MAX);
    assert!(value(liar::double(&mut sb, f64::NAN).unwrap()).is_nan());
}

#[test]
fn every_accessor_refuses_every_bad_range() {
    let mut sb = fresh();
    let size = u32::try_from(sb.memory_size().unwrap()).unwrap();
    for address in [size, size - 3, u32::MAX, u32::MAX - 3, 0x8000_0000] {
        let bytes = pointer(&mut sb, address);
        let out = |result: sandbox::Result<()>| {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Memory(MemoryError::OutOfBounds { .. })), "{address:#x}: {error}");
        };
        out(sb.read(bytes.cast::<u32>()).map(drop));
        out(sb.read(bytes.cast::<liar::pair>()).map(drop));
        out(sb.read(bytes.cast::<[u16; 2]>()).map(drop));
        out(sb.read_slice(bytes.cast::<u64>(), 1).map(drop));
        out(sb.view(bytes, 4).map(drop));
        out(sb.view(bytes, u32::MAX).map(drop));
        out(sb.copy_out(bytes, 4).map(drop));
        out(sb.write(bytes.cast::<u32>(), 1));
        out(sb.write_bytes(bytes, b"four"));
        let field = sb.read(bytes.cast::<liar::pair>().next()).map(drop);
        // Arithmetic wraps at 4 GiB, as the guest's does: what is checked is where it ends.
        match address.wrapping_add(4) {
            0 => assert!(matches!(field, Err(Error::Memory(MemoryError::Null)))),
            low if low < size => assert!(field.is_ok()),
            _ => out(field),
        }
    }
    assert!(!sb.is_poisoned(), "an error found by the host does not poison");
    let start = pointer(&mut sb, 16);
    assert!(matches!(sb.read_slice(start.cast::<u64>(), u32::MAX), Err(Error::Memory(MemoryError::TooLarge { .. }))));
    let null = pointer(&mut sb, 0);
    assert!(matches!(sb.read(null), Err(Error::Memory(MemoryError::Null))));
    assert!(matches!(sb.view(null, 1), Err(Error::Memory(MemoryError::Null))));
    // As C returns "nothing".
    assert!(sb.view(null, 0).unwrap().unverified_because("a test").is_empty());
    assert!(sb.copy_out(null, 0).unwrap().unverified_because("a test").is_empty());
    assert!(sb.read_slice(null, 0).unwrap().is_empty());
    assert!(matches!(sb.read_c_str(null.cast(), 4), Err(Error::Memory(MemoryError::Null))));
    let last = pointer(&mut sb, size - 1);
    assert!(sb.read(last).is_ok());
    assert!(sb.view(last.add(1), 0).is_ok());
}

#[test]
fn a_string_that_runs_to_the_end_of_memory_is_an_error() {
    let mut sb = fresh();
    liar::fill_end(&mut sb).unwrap();
    let size = u32::try_from(sb.memory_size().unwrap()).unwrap();
    let text = pointer(&mut sb, size - 16).cast();
    for limit in [0, 4, 15, 16, 17, u32::MAX] {
        let error = sb.read_c_str(text, limit).unwrap_err();
        assert!(matches!(error, Error::Memory(MemoryError::NoTerminator { .. })), "{limit}: {error}");
    }
    sb.write(text.add(15), 0).unwrap();
    assert!(matches!(sb.read_c_str(text, 14), Err(Error::Memory(MemoryError::NoTerminator { .. }))));
    let string = sb.read_c_str(text, 15).unwrap().unverified_because("the test looks at it");
    assert_eq!(string.as_bytes(), b"AAAAAAAAAAAAAAA");
    let outside = sb.read_c_str(text.add(17), 1).unwrap_err();
    assert!(matches!(outside, Error::Memory(MemoryError::OutOfBounds { .. })), "{outside}");
}

#[test]
fn a_malloc_that_lies_is_found_out() {
    let mut sb = fresh();
    let size = u32::try_from(sb.memory_size().unwrap()).unwrap();
    liar::set_malloc(&mut sb, 0).unwrap();
    assert!(matches!(sb.copy_in(b"four"), Err(Error::Allocation { bytes: 4 })));
    for address in [size, size - 3, u32::MAX - 1, 0xffff_fffc] {
        liar::set_malloc(&mut sb, address).unwrap();
        let error = sb.copy_in(b"four").unwrap_err();
        assert!(matches!(error, Error::LyingAllocator { .. }), "{address:#x}: {error}");
    }
    liar::set_malloc(&mut sb, 1021).unwrap();
    assert!(matches!(sb.alloc::<u32>(1), Err(Error::LyingAllocator { .. })));
    // Two blocks at one place hurt the guest alone: both are inside its memory.
    liar::set_malloc(&mut sb, 2048).unwrap();
    let (one, two) = (sb.copy_in(b"one").unwrap(), sb.copy_in(b"two").unwrap());
    let seen = sb.copy_out(one.as_ptr(), one.len()).unwrap().unverified_because("the test looks at it");
    assert_eq!((seen.as_slice(), two.len()), (b"two".as_slice(), 3));
    assert!(!sb.is_poisoned());
}

#[test]
fn a_drop_frees_at_the_next_entry_and_free_at_once() {
    let mut sb = fresh();
    drop(sb.copy_in(b"one").unwrap());
    let block = sb.copy_in(b"two").unwrap();
    assert_eq!(value(liar::freed(&mut sb).unwrap()), 1);
    sb.free(block).unwrap();
    assert_eq!(value(liar::freed(&mut sb).unwrap()), 2);
    let kept = sb.copy_in(b"three").unwrap().leak();
    assert_eq!(value(liar::freed(&mut sb).unwrap()), 2);
    assert!(!kept.is_null());
}

#[test]
fn a_free_that_traps_is_the_next_calls_error() {
    let mut sb = fresh();
    liar::set_free_traps(&mut sb, 1).unwrap();
    drop(sb.copy_in(b"one").unwrap());
    let error = liar::freed(&mut sb).unwrap_err();
    assert_eq!(trap_kind(&error), Some(TrapKind::Abort));
    assert!(error.to_string().starts_with("`free` trapped"), "{error}");
    assert_poisoned_until_reset(&mut sb);
}

#[test]
fn a_block_of_before_a_reset_is_neither_usable_nor_freed() {
    let mut sb = fresh();
    let block = sb.copy_in(b"old").unwrap();
    sb.reset().unwrap();
    assert!(matches!(sb.view(block.as_ptr(), 1), Err(Error::WrongSandbox { .. })));
    assert!(matches!(sb.free(block), Err(Error::WrongSandbox { .. })));
    assert_eq!(value(liar::freed(&mut sb).unwrap()), 0);
}

#[test]
fn a_pointer_of_another_sandbox_is_refused_everywhere() {
    let (mut sb, mut other) = (fresh(), fresh());
    let foreign = pointer(&mut other, 1024);
    let error = liar::store(&mut sb, foreign, 1).unwrap_err();
    assert_eq!(error.to_string(), "argument `at` of `store` belongs to another sandbox or to this one before it was reset");
    assert!(matches!(sb.read(foreign), Err(Error::WrongSandbox { .. })));
    assert!(matches!(sb.write(foreign, 1), Err(Error::WrongSandbox { .. })));
    assert!(matches!(sb.view(foreign, 1), Err(Error::WrongSandbox { .. })));
    assert!(matches!(sb.read_c_str(foreign.cast(), 1), Err(Error::WrongSandbox { .. })));
    // Inside a struct as well.
    let place = sb.alloc::<liar::pair>(1).unwrap();
    let pair = liar::pair { first: 1.into(), next: foreign.cast() };
    assert!(matches!(sb.write(place.as_ptr(), pair), Err(Error::WrongSandbox { .. })));
    assert_eq!(value(sb.read(place.as_ptr().first()).unwrap()), 0, "nothing is written by halves");
    assert!(!sb.is_poisoned());
    // Null belongs to all.
    assert!(sb.write(place.as_ptr().next(), TaintedPtr::null()).is_ok());
}

#[test]
fn memory_stops_growing_at_the_limit() {
    let mut sb = Sandbox::<liar::Library>::builder().memory_limit(4 << 20).build().unwrap();
    let pages = value(liar::grow_until_refused(&mut sb).unwrap());
    assert!(pages <= 64, "{pages} pages");
    assert!(sb.memory_size().unwrap() <= 4 << 20);
    assert_eq!(value(liar::grow(&mut sb, u32::MAX).unwrap()), -1);
    assert!(matches!(sb.copy_in(&vec![0; 8 << 20]), Err(Error::Allocation { .. })));
    assert!(!sb.is_poisoned());
}

#[test]
fn growth_that_fails_gives_no_memory_back() {
    let mut sb = Sandbox::<liar::Library>::builder().memory_limit(4 << 20).build().unwrap();
    let pages = value(liar::grow_and_fail(&mut sb).unwrap());
    assert!(pages <= 64, "{pages} pages");
    assert!(sb.memory_size().unwrap() <= 4 << 20);
}

#[test]
fn tables_count_towards_the_limit() {
    let mut sb = Sandbox::<liar::Library>::builder().memory_limit(4 << 20).build().unwrap();
    assert_eq!(value(liar::grow_table(&mut sb, 520_000).unwrap()), -1);
    assert_eq!(value(liar::grow_table(&mut sb, 1_000).unwrap()), 4);
    assert_eq!(value(liar::grow_table(&mut sb, u32::MAX).unwrap()), -1);
}

#[test]
fn a_pointer_into_grown_memory_is_valid_and_dies_with_it() {
    let mut sb = fresh();
    let end = u32::try_from(sb.memory_size().unwrap()).unwrap();
    let beyond = pointer(&mut sb, end);
    assert!(sb.read(beyond).is_err());
    liar::grow(&mut sb, 1).unwrap();
    assert!(sb.read(beyond).is_ok());
    sb.reset().unwrap();
    assert!(matches!(sb.read(beyond), Err(Error::WrongSandbox { .. })));
}

#[test]
fn a_hundred_thousand_caught_jumps_stay_within_the_memory_limit() {
    let mut sb = Sandbox::<liar::Library>::builder().memory_limit(4 << 20).build().unwrap();
    assert_eq!(value(liar::throw_and_catch(&mut sb, 100_000).unwrap()), 100_000);
    assert!(!sb.is_poisoned());
}

#[test]
fn output_is_denied_captured_up_to_the_limit_and_never_out_of_bounds() {
    let mut sb = fresh();
    let text = sb.copy_in(b"hello").unwrap();
    let iovec = sb.alloc::<u32>(2).unwrap();
    let written = sb.alloc::<u32>(1).unwrap();
    let address = value(text.as_ptr().address());
    sb.write(iovec.as_ptr(), address).unwrap();
    sb.write(iovec.as_ptr().add(1), 5).unwrap();
    assert_eq!(value(liar::write_fd(&mut sb, 1, iovec.as_ptr().cast(), 1, &written).unwrap()), 8, "denied by default");

    let mut sb = Sandbox::<liar::Library>::builder().stdout(Output::Capture { limit: 7 }).build().unwrap();
    let text = sb.copy_in(b"hello").unwrap();
    let iovec = sb.alloc::<u32>(2).unwrap();
    let written = sb.alloc::<u32>(1).unwrap();
    let address = value(text.as_ptr().address());
    sb.write(iovec.as_ptr(), address).unwrap();
    sb.write(iovec.as_ptr().add(1), 5).unwrap();
    let iovecs = iovec.as_ptr().cast();
    for _ in 0..3 {
        assert_eq!(value(liar::write_fd(&mut sb, 1, iovecs, 1, &written).unwrap()), 0);
    }
    assert_eq!(value(sb.stdout()), b"hellohe");
    assert_eq!(value(liar::write_fd(&mut sb, 2, iovecs, 1, &written).unwrap()), 8, "the other stream is denied still");
    assert_eq!(value(liar::write_fd(&mut sb, 77, iovecs, 1, &written).unwrap()), 8);
    assert_eq!(value(liar::write_fd(&mut sb, 1, iovecs, u32::MAX, &written).unwrap()), 28);
    assert_eq!(value(liar::write_fd(&mut sb, 1, iovecs, 1024, sandbox::null()).unwrap()), 28);
    sb.write(iovec.as_ptr().add(1), u32::MAX).unwrap();
    assert_eq!(value(liar::write_fd(&mut sb, 1, iovecs, 1, &written).unwrap()), 28);
    let outside = pointer(&mut sb, u32::MAX - 7).cast();
    assert_eq!(value(liar::write_fd(&mut sb, 1, outside, 1, &written).unwrap()), 28);
    assert_eq!(value(sb.stdout()), b"hellohe");
    liar::abort_now(&mut sb).unwrap_err();
    assert_eq!(value(sb.stdout()), b"hellohe", "readable after a trap");
}

#[test]
fn a_host_panic_inside_a_verification_leaves_the_sandbox_usable() {
    let mut sb = fresh();
    let tainted = liar::dirty_u8(&mut sb).unwrap();
    let panicked = std::panic::catch_unwind(|| tainted.verify(|_| -> Result<(), ()> { panic!("on purpose") }));
    assert!(panicked.is_err());
    assert!(liar::dirty_u8(&mut sb).is_ok());
}

#[test]
fn a_struct_round_trips_and_its_fields_are_tainted() {
    let mut sb = fresh();
    let place = sb.alloc::<liar::pair>(2).unwrap();
    let second = place.as_ptr().add(1);
    sb.write(place.as_ptr(), liar::pair { first: (-5).into(), next: second }).unwrap();
    let pair = sb.read(place.as_ptr()).unwrap();
    assert_eq!(value(pair.first), -5);
    assert_eq!(value(pair.next.address()), value(second.address()));
    sb.write(pair.next.first(), 6).unwrap();
    let both = sb.read_slice(place.as_ptr(), 2).unwrap();
    let firsts: Vec<i32> = both.iter().map(|pair| value(pair.first)).collect();
    assert_eq!(firsts, [-5, 6]);
}

#[test]
fn a_bool_is_one_byte_and_a_value_only_after_a_check() {
    let mut sb = fresh();
    let place = sb.alloc::<CBool>(1).unwrap();
    sb.write(place.as_ptr(), CBool::from(true)).unwrap();
    assert_eq!(value(sb.read(place.as_ptr()).unwrap()).get(), Some(true));
    sb.write(place.as_ptr().cast::<u8>(), 2).unwrap();
    let refused = sb.read(place.as_ptr()).unwrap().verify(|byte| byte.get().ok_or("neither 0 nor 1"));
    assert_eq!(refused, Err("neither 0 nor 1"));
}

#[test]
fn sandboxes_run_on_many_threads_at_once() {
    let threads: Vec<_> = (0..8)
        .map(|number| {
            std::thread::spawn(move || {
                for round in 0..200 {
                    let mut sb = fresh();
                    let block = sb.copy_in(&[number; 64]).unwrap();
                    if round % 3 == 0 {
                        liar::abort_now(&mut sb).unwrap_err();
                    } else {
                        assert_eq!(value(sb.view(block.as_ptr(), 64).unwrap()), [number; 64]);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/global_outside.cwasm"))))]
    pub mod outside {
        extern "C" {
            pub static last: c_char;
            #[link_name = "last"]
            pub static last_int: c_int;
            pub static outside: [c_int; 4];
            pub static nowhere: c_int;
        }
    }
}

#[test]
fn a_variable_that_is_not_in_memory_is_refused_when_it_is_used() {
    let mut sb = Sandbox::<outside::Library>::new().unwrap();
    let last = sb.global(outside::last).unwrap();
    sb.write(last, 7).unwrap();
    assert_eq!(sb.read(last).unwrap().unverified_because("the test wrote it"), 7);
    assert!(matches!(sb.read(sb.global(outside::last_int).unwrap()), Err(Error::Memory(MemoryError::OutOfBounds { .. }))));
    assert!(matches!(sb.read(sb.global(outside::outside).unwrap()), Err(Error::Memory(MemoryError::OutOfBounds { .. }))));
    assert!(matches!(sb.read(sb.global(outside::nowhere).unwrap()), Err(Error::Memory(MemoryError::Null))));
}

/// A thread's stack ends in a page that kills the process: a guest must not get there.
#[test]
fn a_thread_with_too_little_stack_is_an_error_before_the_guest_runs() {
    std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(|| assert!(matches!(Sb::new(), Err(Error::HostStack { .. }))))
        .unwrap()
        .join()
        .unwrap();
    let mut sb = fresh();
    let kept = sb.copy_in(b"kept").unwrap();
    let mut sb = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(move || {
            let error = liar::recurse(&mut sb, 0).unwrap_err();
            assert!(matches!(error, Error::HostStack { left, needed } if left < needed), "{error}");
            assert!(!error.poisons() && !sb.is_poisoned());
            sb
        })
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(value(sb.copy_out(kept.as_ptr(), 4).unwrap()), b"kept");
    assert!(matches!(liar::recurse(&mut sb, 0), Err(Error::Limit { which: LimitKind::CallStack, .. })));
}
