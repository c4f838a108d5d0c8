//! Values of the host that C code carries around as a `void *`.

use std::any::{Any, type_name};
use std::collections::VecDeque;
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
/// A slot has one token less than this, and is used as often before another one is taken.
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
///
/// A token that was given back comes again as late as possible: a slot's tokens are used up before
/// another slot begins, and those of a slot come again when all slots were used up since, the one
/// that was used up first before the others. So a token of no value is given out again after 16
/// million others, less a thousand for each value that is there.
#[derive(Default)]
pub(crate) struct AppPointers {
    slots: Vec<Held>,
    free: Vec<u32>,
    /// Those whose tokens are used up, and that have no value, in that order.
    used_up: VecDeque<u32>,
    /// How many values there are, those that are lent included.
    count: usize,
}

struct Held {
    generation: u32,
    /// Whether its tokens come again.
    again: bool,
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
        self.count == 0
    }

    pub(crate) fn add(&mut self, value: Box<dyn Any + Send>) -> Result<Token> {
        let number = match self.free.pop() {
            Some(number) => number,
            None => self.another()?,
        };
        let slot = usize::try_from(number)
            .ok()
            .and_then(|number| self.slots.get_mut(number))
            .ok_or_else(|| Error::bug("a free slot that is not there"))?;
        slot.value = Value::Some(value);
        self.count = self.count.saturating_add(1);
        Ok(Token::new(number, slot.generation))
    }

    /// Finds a slot where none is free: a new one, or else the one that was used up first.
    fn another(&mut self) -> Result<u32> {
        if let Some(number) = u32::try_from(self.slots.len()).ok().filter(|number| *number < SLOTS) {
            // Generation 0 of slot 0 would be the first address: let each start at 1.
            self.slots.push(Held { generation: 1, again: false, value: Value::None });
            return Ok(number);
        }
        let number = self.used_up.pop_front().ok_or_else(|| Error::limit(LimitKind::AppPointers, SLOTS.into()))?;
        if let Some(slot) = usize::try_from(number).ok().and_then(|number| self.slots.get_mut(number)) {
            (slot.generation, slot.again) = (1, true);
        }
        Ok(number)
    }

    /// Finds the slot of a token whose value is there, or is lent.
    fn find(&self, address: u32) -> Result<usize, AppPointerError> {
        let (number, generation) = Token::parts(address).ok_or(AppPointerError::Forged)?;
        let slot = self.slots.get(number).ok_or(AppPointerError::Forged)?;
        if generation == 0 || (generation > slot.generation && !slot.again) {
            Err(AppPointerError::Forged)
        } else if generation != slot.generation || matches!(slot.value, Value::None) {
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
        let slot = self.slots.get_mut(number).filter(|slot| slot.generation == generation && !matches!(slot.value, Value::None))?;
        let value = std::mem::replace(&mut slot.value, Value::None);
        self.count = self.count.saturating_sub(1);
        let number = u32::try_from(number).ok()?;
        let next = generation.saturating_add(1);
        if next < GENERATIONS {
            slot.generation = next;
            self.free.push(number);
        } else {
            self.used_up.push_back(number);
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
/// The guest can pass any token that it was given, and guess those of other values of this sandbox.
/// A token of a value that is gone may stand for another one after millions of
/// registrations. So the value may be another one of the same type: what must be kept apart belongs
/// in sandboxes of their own.
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
    /// Where to say that it is dropped, unless it was leaked.
    drops: Option<Arc<Drops>>,
    value: PhantomData<fn() -> T>,
}

impl<T, L> AppPtr<T, L> {
    pub(crate) fn new(token: Token, instance: crate::abi::InstanceId, drops: Arc<Drops>) -> Self {
        Self { pointer: TaintedPtr::from_raw(RawPtr::new(token.0, instance)), token, drops: Some(drops), value: PhantomData }
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

    /// Leaves the value with the sandbox until that is reset or dropped, as for C code that keeps
    /// the token for good.
    ///
    /// A sandbox has room for some 16,000 values at a time.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Result, Sandbox, TaintedPtr, Void};
    ///
    /// fn with_log<L: Library>(sb: &mut Sandbox<L>, set_user_data: impl Fn(&mut Sandbox<L>, TaintedPtr<Void, L>) -> Result<()>) -> Result<()> {
    ///     let log = sb.register_app(Vec::<String>::new())?.leak();
    ///     set_user_data(sb, log)?;
    ///     // In each callback: sb.app_mut::<Vec<String>>(user_data)?.push(…)
    ///     sb.app_mut::<Vec<String>>(log)?.clear();
    ///     Ok(())
    /// }
    /// ```
    #[must_use = "without the token nobody finds the value"]
    pub fn leak(mut self) -> TaintedPtr<Void, L> {
        self.drops = None;
        self.pointer
    }

    pub(crate) fn token(&self) -> Token {
        self.token
    }
}

impl<T, L> Drop for AppPtr<T, L> {
    fn drop(&mut self) {
        if let Some(drops) = self.drops.take() {
            drops.push(Dropped::App(self.token));
        }
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
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]
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
    fn tokens_do_not_run_out_and_come_again_as_late_as_possible() {
        let mut apps = AppPointers::default();
        let first = apps.add(Box::new(0_u32)).unwrap();
        let kept = apps.add(Box::new(1_u32)).unwrap();
        apps.remove(first);
        // All tokens of all slots but the one that is taken, one after the other.
        let mut last = first;
        for number in 1..(SLOTS - 1) * (GENERATIONS - 1) {
            let token = apps.add(Box::new(number)).unwrap();
            assert!(token != first && token != kept && token != last && token.0 > FIRST, "{number}");
            apps.remove(token);
            last = token;
        }
        assert!(matches!(error(apps.get::<u32>(first.0)), AppPointerError::Stale));
        for _ in 0..3 {
            let again = apps.add(Box::new(2_u32)).unwrap();
            assert!(matches!(error(apps.get::<u32>(last.0)), AppPointerError::Stale), "in a slot that begins again or in another");
            apps.remove(again);
        }
        assert_eq!(*apps.get::<u32>(kept.0).unwrap(), 1);
        apps.remove(kept);
        assert!(apps.is_empty());
    }

    #[test]
    fn more_values_than_slots_are_an_error() {
        let mut apps = AppPointers::default();
        let tokens: Vec<Token> = (0..SLOTS).map(|_| apps.add(Box::new(())).unwrap()).collect();
        assert!(matches!(apps.add(Box::new(())), Err(Error::Limit { which: LimitKind::AppPointers, limit: 16_384, .. })));
        // One that is free is used again and again while all others are taken.
        let mut token = tokens[7];
        for _ in 0..3 * GENERATIONS {
            apps.remove(token);
            // Twice is once.
            assert!(apps.remove(token).is_none());
            let next = apps.add(Box::new(())).unwrap();
            assert_ne!(next, token);
            token = next;
        }
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
