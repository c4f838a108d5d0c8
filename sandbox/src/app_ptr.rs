//! Values of the host that C code carries around as a `void *`.

use std::any::{Any, type_name};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::drops::{Dropped, Drops};
use crate::error::{AppPointerError, Error, LimitKind, Result};
use crate::module::Library;
use crate::sandbox::SandboxRef;
use crate::tainted::RawPtr;
use crate::{IntoGuest, TaintedPtr, Void};

/// The first address that is a token. Guest memory ends below, so that a guest that reads or writes through one traps.
pub(crate) const FIRST: u32 = 0xf000_0000;
/// Tokens differ by multiples of this: one that was moved by less than that is no token.
const STEP: u32 = 16;
/// How many values a sandbox can hold at a time.
const SLOTS: u32 = 1 << 14;
/// How often a slot is used before it is retired.
const GENERATIONS: u32 = 1 << 10;

/// A token: the slot in bits 14 to 27, its generation in bits 4 to 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(u32);

impl Token {
    fn new(slot: u32, generation: u32) -> Self {
        let bits = slot.saturating_mul(GENERATIONS).saturating_add(generation).saturating_mul(STEP);
        Self(FIRST.saturating_add(bits))
    }

    /// Takes an address apart into slot and generation, if it has the form of a token.
    fn parts(address: u32) -> Option<(usize, u32)> {
        let bits = address.checked_sub(FIRST).filter(|bits| bits.is_multiple_of(STEP))?;
        let number = bits.checked_div(STEP)?;
        Some((usize::try_from(number.checked_div(GENERATIONS)?).ok()?, number % GENERATIONS))
    }
}

/// The values of an instance.
#[derive(Default)]
pub(crate) struct AppPointers {
    slots: Vec<Held>,
    free: Vec<u32>,
}

struct Held {
    generation: u32,
    value: Value,
}

enum Value {
    None,
    Some(Box<dyn Any + Send>),
    /// `with_app` has it.
    Lent,
}

impl AppPointers {
    /// Tells whether there is no value now.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(|held| matches!(held.value, Value::None))
    }

    pub(crate) fn add(&mut self, value: Box<dyn Any + Send>) -> Result<Token> {
        let full = || Error::limit(LimitKind::AppPointers, SLOTS.into());
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                let number = u32::try_from(self.slots.len()).ok().filter(|number| *number < SLOTS).ok_or_else(full)?;
                // Generation 0 of slot 0 would be the first address: let each start at 1.
                self.slots.push(Held { generation: 1, value: Value::None });
                number
            }
        };
        let slot = usize::try_from(number)
            .ok()
            .and_then(|number| self.slots.get_mut(number))
            .ok_or_else(|| Error::bug("a free slot that is not there"))?;
        slot.value = Value::Some(value);
        Ok(Token::new(number, slot.generation))
    }

    /// Finds the slot of a token whose value is there, or is lent.
    fn find(&self, address: u32) -> Result<usize, AppPointerError> {
        let (number, generation) = Token::parts(address).ok_or(AppPointerError::Forged)?;
        let slot = self.slots.get(number).ok_or(AppPointerError::Forged)?;
        if generation == 0 || generation > slot.generation {
            Err(AppPointerError::Forged)
        } else if generation < slot.generation || matches!(slot.value, Value::None) {
            Err(AppPointerError::Stale)
        } else {
            Ok(number)
        }
    }

    pub(crate) fn get<T: 'static>(&self, address: u32) -> Result<&T> {
        match self.slots.get(self.find(address)?).map(|slot| &slot.value) {
            Some(Value::Some(value)) => value.downcast_ref().ok_or_else(wrong_type::<T>),
            _ => Err(AppPointerError::InUse.into()),
        }
    }

    pub(crate) fn get_mut<T: 'static>(&mut self, address: u32) -> Result<&mut T> {
        let number = self.find(address)?;
        match self.slots.get_mut(number).map(|slot| &mut slot.value) {
            Some(Value::Some(value)) => value.downcast_mut().ok_or_else(wrong_type::<T>),
            _ => Err(AppPointerError::InUse.into()),
        }
    }

    fn lend<T: 'static>(&mut self, address: u32) -> Result<Box<T>> {
        self.get::<T>(address)?;
        let number = self.find(address)?;
        match self.slots.get_mut(number).map(|slot| std::mem::replace(&mut slot.value, Value::Lent)) {
            Some(Value::Some(value)) => value.downcast().map_err(|_| wrong_type::<T>()),
            _ => Err(AppPointerError::InUse.into()),
        }
    }

    fn give_back(&mut self, address: u32, value: Box<dyn Any + Send>) {
        let slot = self.find(address).ok().and_then(|number| self.slots.get_mut(number));
        // Unless it was removed meanwhile.
        if let Some(Held { value: place @ Value::Lent, .. }) = slot {
            *place = Value::Some(value);
        }
    }

    /// Takes a value out for good.
    pub(crate) fn take<T: 'static>(&mut self, token: Token) -> Result<T> {
        let value = self.lend::<T>(token.0)?;
        self.remove(token);
        Ok(*value)
    }

    /// Makes a token invalid and returns its value, if it is not lent: whoever drops it may need the sandbox's state.
    pub(crate) fn remove(&mut self, token: Token) -> Option<Box<dyn Any + Send>> {
        let (number, generation) = Token::parts(token.0)?;
        let slot = self.slots.get_mut(number).filter(|slot| slot.generation == generation)?;
        let value = std::mem::replace(&mut slot.value, Value::None);
        let next = generation.saturating_add(1);
        // A slot whose generations are used up is never used again.
        if let (true, Ok(number)) = (next < GENERATIONS, u32::try_from(number)) {
            slot.generation = next;
            self.free.push(number);
        }
        match value {
            Value::Some(value) => Some(value),
            Value::None | Value::Lent => None,
        }
    }
}

fn wrong_type<T>() -> Error {
    AppPointerError::WrongType { expected: type_name::<T>() }.into()
}

/// A value of the host that C code carries around as a `void *`, until this is dropped.
///
/// The guest gets a token, an address at which there is never memory. [`app`](crate::Sandbox::app), [`app_mut`](crate::Sandbox::app_mut) and [`with_app`](crate::Sandbox::with_app)
/// find the value by its token and type, in a callback too. A token that is made up, out of date or of another type is an error.
///
/// # Trust
///
/// The guest can pass any token that it was given, and guess those of other values of this sandbox. So the value may be another one
/// of the same type: what must be kept apart belongs in sandboxes of their own.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox};
///
/// fn names<L: Library>(sb: &mut Sandbox<L>) -> Result<Vec<String>> {
///     let names = sb.register_app(Vec::<String>::new())?;
///     // … C passes `&names` to a callback, which does this:
///     sb.app_mut::<Vec<String>>(names.as_ptr())?.push("first".to_owned());
///     sb.take_app(names)
/// }
/// ```
#[must_use = "the value is dropped with this"]
pub struct AppPtr<T, L> {
    pointer: TaintedPtr<Void, L>,
    token: Token,
    drops: Arc<Drops>,
    value: PhantomData<fn() -> T>,
}

impl<T, L> AppPtr<T, L> {
    pub(crate) fn new(token: Token, instance: crate::abi::InstanceId, drops: Arc<Drops>) -> Self {
        Self { pointer: TaintedPtr::from_raw(RawPtr::new(token.0, instance)), token, drops, value: PhantomData }
    }

    /// Returns the token, as for a struct's field. It does not keep the value.
    ///
    /// # Examples
    ///
    /// ```
    /// fn token<T, L>(app: &sandbox::AppPtr<T, L>) -> sandbox::TaintedPtr<sandbox::Void, L> { app.as_ptr() }
    /// ```
    #[must_use]
    pub fn as_ptr(&self) -> TaintedPtr<Void, L> {
        self.pointer
    }

    pub(crate) fn token(&self) -> Token {
        self.token
    }
}

impl<T, L> Drop for AppPtr<T, L> {
    fn drop(&mut self) {
        self.drops.push(Dropped::App(self.token));
    }
}

impl<T, L> fmt::Debug for AppPtr<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppPtr<{}>(..)", type_name::<T>())
    }
}

impl<T, L: 'static> IntoGuest<TaintedPtr<Void, L>, L> for &AppPtr<T, L> {
    fn into_guest(self) -> TaintedPtr<Void, L> {
        self.pointer
    }
}

impl<T, L> From<&AppPtr<T, L>> for TaintedPtr<Void, L> {
    fn from(app: &AppPtr<T, L>) -> Self {
        app.pointer
    }
}

/// A value that is taken out of its sandbox for a while, and goes back even if a panic ends that.
pub(crate) struct Lent<'a, T: Send + 'static, L: Library> {
    pub(crate) sandbox: SandboxRef<'a, L>,
    pub(crate) value: Option<Box<T>>,
    address: u32,
}

impl<'a, T: Send + 'static, L: Library> Lent<'a, T, L> {
    pub(crate) fn new(mut sandbox: SandboxRef<'a, L>, pointer: RawPtr) -> Result<Self> {
        let state = sandbox.store.data_mut();
        state.usable()?;
        let address = pointer.address_in(state.id)?;
        let value = Some(state.apps.lend(address)?);
        Ok(Self { sandbox, value, address })
    }
}

impl<T: Send + 'static, L: Library> Drop for Lent<'_, T, L> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            self.sandbox.store.data_mut().apps.give_back(self.address, value);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn error(result: Result<&u32>) -> AppPointerError {
        match result {
            Err(Error::AppPointer(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_is_found_by_its_token_and_type_alone() {
        let mut apps = AppPointers::default();
        let (seven, text) = (apps.add(Box::new(7_u32)).unwrap(), apps.add(Box::new("text")).unwrap());
        assert_eq!(*apps.get_mut::<u32>(seven.0).unwrap(), 7);
        assert!(matches!(error(apps.get::<u32>(text.0)), AppPointerError::WrongType { .. }));
        for forged in [0, 1, FIRST, u32::MAX, seven.0 + 1, seven.0 + STEP, seven.0 - STEP, seven.0 + 2 * GENERATIONS * STEP] {
            assert!(matches!(error(apps.get::<u32>(forged)), AppPointerError::Forged), "{forged:#x}");
        }
        apps.remove(seven);
        assert!(matches!(error(apps.get::<u32>(seven.0)), AppPointerError::Stale));
        let eight = apps.add(Box::new(8_u32)).unwrap();
        assert_ne!(eight, seven);
        assert!(matches!(error(apps.get::<u32>(seven.0)), AppPointerError::Stale));
        assert_eq!(apps.take::<u32>(eight).unwrap(), 8);
    }

    #[test]
    fn no_token_comes_twice_and_the_last_is_an_error() {
        let mut apps = AppPointers::default();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..3 * GENERATIONS {
            let token = apps.add(Box::new(0_u32)).unwrap();
            assert!(seen.insert(token.0) && token.0 > FIRST);
            apps.remove(token);
        }
        let mut apps = AppPointers::default();
        for _ in 0..SLOTS {
            apps.add(Box::new(())).unwrap();
        }
        assert!(matches!(apps.add(Box::new(())), Err(Error::Limit { which: LimitKind::AppPointers, limit: 16_384, .. })));
    }

    #[test]
    fn a_lent_value_is_in_use_until_it_is_back() {
        let mut apps = AppPointers::default();
        let token = apps.add(Box::new(1_u32)).unwrap();
        let value = apps.lend::<u32>(token.0).unwrap();
        assert!(matches!(error(apps.get::<u32>(token.0)), AppPointerError::InUse));
        apps.give_back(token.0, value);
        assert_eq!(*apps.get::<u32>(token.0).unwrap(), 1);
        let value = apps.lend::<u32>(token.0).unwrap();
        apps.remove(token);
        let next = apps.add(Box::new(2_u32)).unwrap();
        apps.give_back(token.0, value);
        assert_eq!(*apps.get::<u32>(next.0).unwrap(), 2);
    }
}
