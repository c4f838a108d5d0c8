//! C's `...`: arguments whose number and types only the two sides know.

use std::fmt;
use std::marker::PhantomData;

use wasmtime::StoreContextMut;

use crate::abi::{CBool, Destination, GuestEnum, GuestResult, GuestScalar, GuestType, InstanceId, Passed, Passing, Value, Wasm};
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::memory::slice_mut;
use crate::state::State;
use crate::tainted::{NoFields, Null, Pointee, RawPtr, TaintedFn};
use crate::{Allocation, AppPtr, Callback, IntoGuest, Tainted, TaintedPtr, Void};

/// The arguments behind C's `...`.
///
/// For a call they are given as a tuple, `(7, 2.5, pointer)`, or `()` for none. A callback that is declared with `...`, or with a `va_list`, reads them one after the other with
/// [`va_arg`](crate::Sandbox::va_arg).
///
/// # Trust
///
/// Nobody knows how many arguments a guest has passed, and of which types. Reading one more, or another, than it has passed gives bytes of its
/// stack: wrong values, as tainted as the right ones.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr, VaList, Void};
///
/// // void on_message(void *user_data, const char *format, va_list arguments): for the format "%d of %f"
/// fn numbers<L: Library>(sb: &Sandbox<L>, arguments: TaintedPtr<Void, L>) -> Result<(Tainted<i32, L>, Tainted<f64, L>)> {
///     let mut arguments = VaList::from(arguments);
///     Ok((sb.va_arg::<i32>(&mut arguments)?, sb.va_arg::<f64>(&mut arguments)?))
/// }
/// ```
pub struct VaList<L> {
    source: Source,
    library: PhantomData<fn() -> L>,
}

#[derive(Clone)]
enum Source {
    /// Arguments of the host, for the guest.
    Host(Vec<Promoted>),
    /// Where the guest has the next one.
    Guest(RawPtr),
}

/// An argument after C's default argument promotions (C11 6.5.2.2, paragraph 6).
#[doc(hidden)]
#[derive(Clone, Copy)]
pub enum Promoted {
    Word(u32),
    Long(u64),
    Pointer(RawPtr),
}

impl Promoted {
    fn size(self) -> u32 {
        if matches!(self, Self::Long(_)) { 8 } else { 4 }
    }
}

impl<L> VaList<L> {
    const fn new(source: Source) -> Self {
        Self { source, library: PhantomData }
    }

    /// Steps over the next argument, and returns where it is.
    pub(crate) fn step<T: GuestScalar<L>>(&mut self) -> Result<TaintedPtr<T, L>> {
        const {
            assert!(
                T::SIZE >= 4 && !matches!(T::WASM, Wasm::F32),
                "C promotes the arguments behind `...`: read an `i32` for a smaller integer, and an `f64` for a `float`"
            );
        }
        let Source::Guest(place) = &mut self.source else {
            return Err(Error::bug("arguments of the host are read as the guest's"));
        };
        let argument = place.align_up(T::SIZE);
        *place = argument.byte_offset(T::SIZE);
        Ok(TaintedPtr::from_raw(argument))
    }
}

impl<L> Clone for VaList<L> {
    fn clone(&self) -> Self {
        Self::new(self.source.clone())
    }
}

impl<L> fmt::Debug for VaList<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaList(..)")
    }
}

/// What C's `va_list` is in this ABI.
impl<L> From<TaintedPtr<Void, L>> for VaList<L> {
    fn from(pointer: TaintedPtr<Void, L>) -> Self {
        Self::new(Source::Guest(pointer.raw()))
    }
}

impl<L: 'static> Pointee<L> for VaList<L> {
    const C_NAME: &'static str = "va_list";
    type Place = NoFields;
}

impl<L: 'static> GuestType<L> for VaList<L> {
    type Tainted = Self;
    const SIZE: u32 = 4;
    const ALIGN: u32 = 4;

    fn decode(bytes: &[u8], from: InstanceId) -> Self {
        TaintedPtr::<Void, L>::decode(bytes, from).into()
    }

    fn encode(value: &Self, bytes: &mut [u8], to: &mut Destination) -> Result<()> {
        match &value.source {
            Source::Guest(place) => TaintedPtr::<Void, L>::encode(&TaintedPtr::from_raw(*place), bytes, to),
            Source::Host(_) => Err(Error::bug("arguments of the host are stored in the guest")),
        }
    }
}

/// By a pointer to the arguments, each aligned to its size. (Wasm tool conventions, `BasicCABI.md`.)
#[doc(hidden)]
#[derive(Debug)]
pub struct Arguments;

impl<L: 'static> Passing<VaList<L>, L> for Arguments {
    type Wasm = u32;
    type Return = Value<VaList<L>, Self>;
    const WASM: Wasm = Wasm::I32;

    fn lower(value: VaList<L>, frame: &mut Frame<'_, '_>) -> Result<u32> {
        let instance = frame.instance();
        let arguments = match value.source {
            Source::Guest(place) => return place.address_in(instance),
            Source::Host(arguments) => arguments,
        };
        let Some(most) = u32::try_from(arguments.len()).ok().and_then(|count| count.checked_mul(8)).filter(|most| *most > 0) else {
            return Ok(0);
        };
        let address = frame.take(most, 8)?;
        let memory = frame.store().data().live()?.memory;
        let bytes = slice_mut(memory.data_mut(frame.store()), address, most.into())?;
        let mut offset = 0_u32;
        for argument in arguments {
            offset = offset.next_multiple_of(argument.size());
            let place =
                bytes.get_mut(crate::abi::layout::host(offset)..).ok_or_else(|| Error::bug("arguments of more bytes than were taken"))?;
            match argument {
                Promoted::Word(word) => crate::abi::set_head(place, word.to_le_bytes())?,
                Promoted::Long(long) => crate::abi::set_head(place, long.to_le_bytes())?,
                Promoted::Pointer(pointer) => crate::abi::set_head(place, pointer.address_in(instance)?.to_le_bytes())?,
            }
            offset = offset.saturating_add(argument.size());
        }
        Ok(address)
    }

    fn lift(wasm: u32, store: &StoreContextMut<'_, State>) -> Result<VaList<L>> {
        Ok(VaList::new(Source::Guest(RawPtr::new(wasm, store.data().id))))
    }
}

impl<L: 'static> Passed<L> for VaList<L> {
    type By = Arguments;
}

impl<L: 'static> GuestResult<L> for VaList<L> {
    type Tainted = Self;
    type Return = Value<Self, Arguments>;
}

impl<L: 'static> IntoGuest<Self, L> for VaList<L> {
    fn into_guest(self) -> Self {
        self
    }
}

/// A value that can be an argument behind C's `...`: a number, a pointer, an enum or a `bool`, tainted or not.
///
/// C has no types there: what is passed must be what the function expects, after the default argument promotions (a `short` is passed as `int`, a `float` as `double`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument behind C's `...`",
    note = "pass a number of the width that the function reads, a pointer, or an `&Allocation`; a string must first be copied in with `copy_in_c_str`"
)]
pub trait VaArg<L> {
    /// Promotes it.
    #[doc(hidden)]
    fn promote(self) -> Promoted;
}

macro_rules! numbers {
    ($($ty:ident: |$value:ident| $promoted:expr;)*) => {$(
        impl<L> VaArg<L> for $ty {
            fn promote(self) -> Promoted {
                let $value = self;
                $promoted
            }
        }
    )*};
}

numbers! {
    i8: |v| Promoted::Word(i32::from(v).cast_unsigned());
    u8: |v| Promoted::Word(v.into());
    i16: |v| Promoted::Word(i32::from(v).cast_unsigned());
    u16: |v| Promoted::Word(v.into());
    i32: |v| Promoted::Word(v.cast_unsigned());
    u32: |v| Promoted::Word(v);
    i64: |v| Promoted::Long(v.cast_unsigned());
    u64: |v| Promoted::Long(v);
    f32: |v| Promoted::Long(f64::from(v).to_bits());
    f64: |v| Promoted::Long(v.to_bits());
    bool: |v| Promoted::Word(v.into());
    CBool: |v| Promoted::Word(v.byte().into());
}

#[diagnostic::do_not_recommend]
impl<E: GuestEnum, L> VaArg<L> for E
where
    E::Repr: VaArg<L>,
{
    fn promote(self) -> Promoted {
        self.repr().promote()
    }
}

impl<T: VaArg<L>, L> VaArg<L> for Tainted<T, L> {
    fn promote(self) -> Promoted {
        self.into_inner().promote()
    }
}

impl<T: Pointee<L>, L> VaArg<L> for TaintedPtr<T, L> {
    fn promote(self) -> Promoted {
        Promoted::Pointer(self.raw())
    }
}

impl<F, L> VaArg<L> for TaintedFn<F, L> {
    fn promote(self) -> Promoted {
        Promoted::Pointer(self.raw())
    }
}

impl<L> VaArg<L> for Null {
    fn promote(self) -> Promoted {
        Promoted::Word(0)
    }
}

impl<T: Pointee<L>, L> VaArg<L> for &Allocation<T, L> {
    fn promote(self) -> Promoted {
        Promoted::Pointer(self.as_ptr().raw())
    }
}

impl<F, L> VaArg<L> for &Callback<TaintedFn<F, L>> {
    fn promote(self) -> Promoted {
        Promoted::Pointer(self.as_fn_ptr().raw())
    }
}

impl<T, L> VaArg<L> for &AppPtr<T, L> {
    fn promote(self) -> Promoted {
        Promoted::Pointer(self.as_ptr().raw())
    }
}

macro_rules! tuples {
    ($($ty:ident $arg:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<$($ty: VaArg<L>,)* L: 'static> IntoGuest<VaList<L>, L> for ($($ty,)*) {
            fn into_guest(self) -> VaList<L> {
                let ($($arg,)*) = self;
                VaList::new(Source::Host(vec![$($arg.promote()),*]))
            }
        }
    };
}

/// Implements it for a list of arguments, and for each shorter one.
macro_rules! up_to {
    () => { tuples!(); };
    ($ty:ident $arg:ident $(, $more:ident $rest:ident)*) => {
        tuples!($ty $arg $(, $more $rest)*);
        up_to!($($more $rest),*);
    };
}

// As many as calls of real programs have.
up_to!(
    A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, M m, N n, O o, P p, Q q, R r, S s, T t, U u, V v, W w, X x, Y y, Z z, Aa aa, Bb bb, Cc cc, Dd dd, Ee ee, Ff ff, Gg gg
);
