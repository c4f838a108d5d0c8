//! Arbitrary sequences of the runtime's operations, with arbitrary numbers, on hostile guests. With `FUZZ_TRACE` set each is printed.
#![no_main]

use std::ffi::CString;
use std::sync::Once;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use sandbox::{
    Allocation, AppPtr, Callback, Error, Library, LimitKind, Limits, Output, Sandbox, SandboxModule, Snapshot, TaintedFn, TaintedPtr, Void,
};

sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod liar {
        #[layout(size = 8, align = 4)]
        pub struct pair {
            #[offset(0)] pub first: c_int,
            #[offset(4)] pub next: *mut pair,
        }

        extern "C" {
            pub fn set_malloc(address: c_uint);
            pub fn set_free_traps(yes: c_int);
            pub fn pointer(address: c_uint) -> *mut u8;
            pub fn dirty_bool(value: c_uint) -> bool;
            pub fn grow(pages: c_uint) -> c_int;
            pub fn grow_table(slots: c_uint) -> c_int;
            pub fn store(at: *mut u8, value: c_int);
            pub fn fill_end();
            pub fn divide(a: c_int, b: c_int) -> c_int;
            pub fn load(at: *const c_int) -> c_int;
            pub fn call_slot(slot: c_uint) -> c_int;
            pub fn leave(code: c_int);
            pub fn run_command() -> c_int;
            pub fn throw(value: c_int);
            pub fn throw_and_catch(times: c_uint) -> c_uint;
            pub fn write_fd(fd: c_int, iovecs: *const c_void, count: c_uint, written: *mut c_uint) -> c_int;
            pub fn environ(count: *mut c_uint, size: *mut c_uint) -> c_int;
        }
    }
}

sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod limits {
        pub type handler = Option<unsafe extern "C" fn(c_int) -> c_int>;

        extern "C" {
            pub fn count(turns: c_uint) -> c_uint;
            pub fn recurse(value: c_int) -> c_int;
            pub fn bomb() -> c_uint;
            pub fn table_bomb() -> c_uint;
            pub fn storm(handler: handler);
            pub fn call_back(handler: handler, value: c_int) -> c_int;
        }
    }
}

/// The number in which checks go wrong, or any.
#[derive(Clone, Copy, Debug)]
struct Odd(u32);

impl<'a> Arbitrary<'a> for Odd {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let near = *u.choose(&[0, 1024, 65_536, 131_072, 1 << 20, 1 << 31, u32::MAX, 0])?;
        Ok(Self(if u.arbitrary()? { near.wrapping_add_signed(i8::arbitrary(u)?.into()) } else { u.arbitrary()? }))
    }
}

/// What is done with memory, in whichever sandbox.
#[derive(Arbitrary, Debug)]
enum Step {
    Alloc(Odd),
    AllocWide(Odd),
    CopyIn(Vec<u8>),
    CopyInText(Vec<u8>),
    Drop,
    Free,
    Leak,
    Read(Odd),
    ReadWide(Odd),
    ReadSlice(Odd, Odd),
    View(Odd, Odd),
    ViewSlice(Odd, Odd),
    CopyOut(Odd, Odd),
    Text(Odd, Odd),
    Compare(Odd, Odd, Odd),
    Write(Odd, u64),
    WriteBytes(Odd, Vec<u8>),
    WriteText(Odd, Odd, Vec<u8>),
    Fill(Odd, Odd),
    CopyWithin(Odd, Odd, Odd),
    RegisterApp(u32),
    UseApp(Odd),
    ReadApp(Odd),
    TakeApp,
    DropApp,
    Snapshot,
    ResetTo,
    Translate(Odd),
    Reset,
    Limited(Odd, u8),
    Own(u8, Odd, Odd),
}

/// What a sequence has at hand.
struct Hand<L: Library> {
    blocks: Vec<Allocation<u8, L>>,
    apps: Vec<AppPtr<u32, L>>,
    snapshot: Option<Snapshot<L>>,
    old: TaintedPtr<u8, L>,
}

const MEMORY: u64 = 2 << 20;

fuzz_target!(|bytes: &[u8]| {
    static MODULES: Once = Once::new();
    MODULES.call_once(|| {
        install::<liar::Library>(include_str!("../../tests/hostile/liar.wat"));
        install::<limits::Library>(include_str!("../../tests/hostile/limits.wat"));
    });
    let mut u = Unstructured::new(bytes);
    let _ = if u.arbitrary().unwrap_or(false) {
        run::<liar::Library, ()>(&mut u, |_| (), |sb, (), which, a, b| lie(sb, which, a, b))
    } else {
        run::<limits::Library, _>(&mut u, |_| Vec::new(), |sb, kept, which, a, b| call_back(sb, kept, which, a, b))
    };
});

fn install<L: Library>(text: &str) {
    let wasm = wat::parse_str(text).expect("the guest's text");
    let limits = Limits::new().memory(MEMORY).deadline(Duration::from_millis(10)).callback_calls(1000).output(10_000);
    SandboxModule::<L>::from_wasm(&wasm).expect("the guest").with_limits(limits).make_default();
}

/// Does all steps, and looks after each whether what holds always holds.
fn run<L: Library, K>(
    u: &mut Unstructured<'_>,
    start: impl FnOnce(&mut Sandbox<L>) -> K,
    own: impl Fn(&mut Sandbox<L>, &mut K, u8, u32, u32) -> sandbox::Result<()>,
) -> arbitrary::Result<()> {
    let mut sb = Sandbox::<L>::builder().stdout(Output::Capture { limit: 1000 }).build().expect("a sandbox");
    let mut kept = start(&mut sb);
    let trace = std::env::var_os("FUZZ_TRACE").is_some();
    let mut hand = Hand { blocks: Vec::new(), apps: Vec::new(), snapshot: None, old: TaintedPtr::null() };
    for _ in 0..64 {
        if u.is_empty() {
            break;
        }
        let step = u.arbitrary()?;
        if trace {
            eprintln!("{step:?}");
        }
        let result = match step {
            Step::Own(which, a, b) => own(&mut sb, &mut kept, which, a.0, b.0),
            step => one(&mut sb, &mut hand, step),
        };
        match &result {
            // Of memory that the host asked for.
            Err(Error::Limit { which: LimitKind::Memory, .. }) | Ok(()) => {}
            Err(error) => assert!(!error.to_string().is_empty() && (!error.poisons() || sb.is_poisoned()), "{error}"),
        }
        if sb.is_poisoned() {
            assert!(sb.memory_size().is_err() && sb.read(hand.old).is_err(), "a poisoned sandbox can be read");
        } else {
            assert!(sb.memory_size().expect("it is not poisoned") as u64 <= MEMORY);
        }
        assert!(sb.stdout().unverified_because("only its length is looked at").len() <= 1000);
    }
    Ok(())
}

/// A pointer to an address, if there is anything to begin from: a block, whose place is read off and taken away.
fn at<L: Library>(hand: &Hand<L>, address: Odd) -> TaintedPtr<u8, L> {
    let base = hand.blocks.last().map_or(hand.old, Allocation::as_ptr);
    base.sub(base.address()).add(address.0)
}

/// Whether the model says that the bytes are there.
fn inside<L: Library>(sb: &Sandbox<L>, address: u32, bytes: u64) -> bool {
    sb.memory_size().is_ok_and(|size| u64::from(address) + bytes <= size as u64)
}

/// One step: nothing but an `Err` comes of a wrong number, and nothing is refused that is right.
fn one<L: Library>(sb: &mut Sandbox<L>, hand: &mut Hand<L>, step: Step) -> sandbox::Result<()> {
    const ANY: &str = "the fuzzer drops it";
    match step {
        Step::Alloc(count) => hand.blocks.push(sb.alloc(count.0)?),
        Step::AllocWide(count) => drop(sb.alloc::<u64>(count.0)?),
        Step::CopyIn(bytes) => hand.blocks.push(sb.copy_in(&bytes)?),
        Step::CopyInText(mut bytes) => {
            bytes.retain(|byte| *byte != 0);
            let text = CString::new(bytes).expect("no zero in it");
            let block = sb.copy_in_c_str(&text)?;
            let back = sb.read_c_str(block.as_ptr(), block.len())?.unverified_because(ANY);
            assert_eq!(back, text);
        }
        Step::Drop => drop(hand.blocks.pop()),
        Step::Free => {
            if let Some(block) = hand.blocks.pop() {
                sb.free(block)?;
            }
        }
        Step::Leak => {
            if let Some(block) = hand.blocks.pop() {
                hand.old = block.leak();
            }
        }
        Step::Read(place) => {
            let (pointer, fits) = (at(hand, place), inside(sb, place.0, 1));
            let result = sb.read(pointer);
            assert!(fits || result.is_err());
            result?.unverified_because(ANY);
        }
        Step::ReadWide(place) => {
            let (pointer, fits) = (at(hand, place).cast::<u64>(), inside(sb, place.0, 8));
            let result = sb.read(pointer);
            assert!(fits || result.is_err());
            result?.unverified_because(ANY);
        }
        Step::ReadSlice(place, count) => {
            let result = sb.read_slice(at(hand, place).cast::<u16>(), count.0);
            assert!(result.is_err() || inside(sb, place.0, u64::from(count.0) * 2));
            assert_eq!(result?.len(), count.0 as usize);
        }
        Step::View(place, count) => {
            let result = sb.view(at(hand, place), count.0);
            assert!(result.is_err() || inside(sb, place.0, count.0.into()));
            assert_eq!(result?.unverified_because(ANY).len(), count.0 as usize);
        }
        Step::ViewSlice(place, count) => {
            let result = sb.view_slice(at(hand, place).cast::<u32>(), count.0);
            assert!(result.is_err() || inside(sb, place.0, u64::from(count.0) * 4));
            let slice = result?;
            assert!(slice.len() == count.0 as usize && slice.get(count.0 as usize).is_none());
            drop(slice.iter().take(100).collect::<Vec<_>>());
        }
        Step::CopyOut(place, count) => {
            let result = sb.copy_out(at(hand, place), count.0);
            assert!(result.is_err() || inside(sb, place.0, count.0.into()));
            result?.unverified_because(ANY);
        }
        Step::Text(place, limit) => {
            let text = sb.read_c_str(at(hand, place).cast(), limit.0)?.unverified_because(ANY);
            assert!(text.as_bytes().len() as u64 <= limit.0.into() && inside(sb, place.0, text.as_bytes().len() as u64 + 1));
        }
        Step::Compare(a, b, count) => drop(sb.compare(at(hand, a), at(hand, b), count.0)?),
        Step::Write(place, value) => {
            let pointer = at(hand, place).cast::<u64>();
            sb.write(pointer, value)?;
            assert_eq!(sb.read(pointer)?.unverified_because(ANY), value);
        }
        Step::WriteBytes(place, bytes) => {
            let pointer = at(hand, place);
            sb.write_bytes(pointer, &bytes)?;
            assert_eq!(sb.copy_out(pointer, bytes.len() as u32)?.unverified_because(ANY), bytes);
        }
        Step::WriteText(place, capacity, mut bytes) => {
            bytes.retain(|byte| *byte != 0);
            sb.write_c_str(at(hand, place).cast(), capacity.0, &CString::new(bytes).expect("no zero in it"))?;
        }
        Step::Fill(place, count) => sb.fill(at(hand, place), 0x41, count.0)?,
        Step::CopyWithin(to, from, count) => sb.copy_within(at(hand, to), at(hand, from), count.0)?,
        Step::RegisterApp(value) => hand.apps.push(sb.register_app(value)?),
        Step::UseApp(offset) => {
            if let Some(app) = hand.apps.last() {
                let token: TaintedPtr<Void, L> = app.as_ptr();
                *sb.app_mut::<u32>(token)? += 0;
                let forged = token.cast::<u8>().add(offset.0);
                assert!(offset.0 == 0 || hand.apps.len() > 1 || sb.app::<u32>(forged).is_err(), "a forged token is good");
                assert!(sb.app::<String>(token).is_err(), "a token is good for another type");
            }
        }
        Step::ReadApp(place) => drop(sb.app::<u32>(at(hand, place))?),
        Step::TakeApp => {
            if let Some(app) = hand.apps.pop() {
                let token = app.as_ptr();
                sb.take_app(app)?;
                assert!(sb.app::<u32>(token).is_err(), "a token is good after its value was taken");
            }
        }
        Step::DropApp => drop(hand.apps.pop()),
        Step::Snapshot => hand.snapshot = Some(sb.snapshot()?),
        Step::ResetTo => {
            if let Some(snapshot) = &hand.snapshot {
                let old = hand.blocks.last().map(Allocation::as_ptr);
                sb.reset_to(snapshot)?;
                assert!(old.is_none_or(|old| sb.read(old).is_err()), "a pointer of before");
            }
        }
        Step::Translate(place) => {
            if let Some(snapshot) = &hand.snapshot {
                sb.read(snapshot.pointer(sb, at(hand, place))?)?.unverified_because(ANY);
            }
        }
        Step::Reset => {
            let old = hand.blocks.last().map(Allocation::as_ptr);
            sb.reset()?;
            assert!(!sb.is_poisoned() && old.is_none_or(|old| sb.read(old).is_err()), "a pointer of before");
        }
        Step::Limited(bytes, slots) => {
            let limits = sb.limits().memory(bytes.0.into()).table_slots(slots.into());
            let mut limited = sb.limited(limits)?;
            drop(limited.sandbox().alloc::<u8>(bytes.0 / 2)?);
        }
        Step::Own(..) => {}
    }
    Ok(())
}

/// What the liar can be told.
fn lie(sb: &mut Sandbox<liar::Library>, which: u8, a: u32, b: u32) -> sandbox::Result<()> {
    let (x, y) = (a.cast_signed(), b.cast_signed());
    let far = liar::pointer(sb, a)?;
    match which % 17 {
        0 => liar::set_malloc(sb, a),
        1 => liar::set_free_traps(sb, x),
        2 => {
            let next = sb.read(far.cast::<liar::pair>())?.next;
            sb.read(next).map(drop)
        }
        3 => liar::dirty_bool(sb, a).map(drop),
        4 => liar::grow(sb, a).map(drop),
        5 => liar::grow_table(sb, a).map(drop),
        6 => liar::store(sb, far, y),
        7 => liar::fill_end(sb),
        8 => liar::divide(sb, x, y).map(drop),
        9 => liar::load(sb, far.cast()).map(drop),
        10 => liar::call_slot(sb, a).map(drop),
        11 => liar::leave(sb, x),
        12 => liar::run_command(sb).map(drop),
        13 => liar::throw(sb, x),
        14 => liar::throw_and_catch(sb, a % 2000 + 1).map(drop),
        15 => {
            let place = liar::pointer(sb, b)?;
            liar::write_fd(sb, x % 4, far.cast(), b % 2000, place.cast()).map(drop)
        }
        _ => {
            let place = liar::pointer(sb, b)?;
            liar::environ(sb, far.cast(), place.cast()).map(drop)
        }
    }
}

type Handler = TaintedFn<fn(i32) -> i32, limits::Library>;

/// Callbacks: registered, called at right and wrong times, one in another, and dropped while they run.
fn call_back(sb: &mut Sandbox<limits::Library>, kept: &mut Vec<Callback<Handler>>, which: u8, a: u32, b: u32) -> sandbox::Result<()> {
    let x = b.cast_signed();
    match which % 9 {
        0 | 1 => kept.push(sb.register_callback::<limits::handler, _>(move |sb, value| {
            match a % 6 {
                0 => return Err("refused".into()),
                1 => drop(sb.alloc::<u8>(b)?),
                2 => drop(limits::count(sb, b % 1000)?),
                3 => drop(limits::call_back(sb, TaintedFn::null(), 1)),
                4 => drop(limits::recurse(sb, 0)),
                _ => {}
            }
            Ok(value)
        })?),
        2 => drop(kept.pop()),
        3 => {
            let pointer = kept.last().map_or_else(TaintedFn::null, Callback::as_fn_ptr);
            limits::call_back(sb, pointer, x).map(drop)?;
        }
        4 => {
            let pointer = kept.last().map_or_else(TaintedFn::null, Callback::as_fn_ptr);
            limits::storm(sb, pointer)?;
        }
        5 => {
            let pointer = kept.last().map_or_else(TaintedFn::null, Callback::as_fn_ptr);
            drop(kept.pop());
            assert!(pointer.call(sb, x).is_err(), "a callback that was dropped is called");
        }
        6 => drop(limits::bomb(sb)?),
        7 => drop(limits::table_bomb(sb)?),
        _ => drop(limits::count(sb, a % 100_000)?),
    }
    Ok(())
}
