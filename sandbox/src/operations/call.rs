//! What the guest can call, and what it carries around for the host.

use std::sync::Arc;

use crate::abi::GuestScalar;
use crate::app_ptr::Lent;
use crate::callback::{self, Callback, CallbackError};
use crate::drops::settle;
use crate::error::Result;
use crate::module::Library;
use crate::sandbox::{AsSandboxMut, Sandbox, SandboxRef};
use crate::signature::{Args, FnPointer, Output};
use crate::{AppPtr, Error, Function, IntoGuest, Pointee, TaintedFn, TaintedPtr, VaList, function};

macro_rules! calling {
    (impl<$($lifetime:lifetime,)? L> $ty:ty) => {
        impl<L: Library> $ty {
            /// Makes a closure callable for the guest, through a function pointer of type `P`.
            ///
            /// The closure gets the sandbox, through which it can read, write and call C functions, and what C passed: a single argument stands alone,
            /// several are a tuple, all are tainted. It returns what C gets, tainted or not, or any error, which ends the outermost call as [`Error::Callback`] and
            /// poisons the sandbox. State belongs into a value of its own, which the closure shares (`Arc`, `Mutex`, a channel), or behind an app pointer, [`register_app`](Self::register_app).
            ///
            /// # Trust
            ///
            /// The guest chooses when it calls back, how often, how deep, and with which arguments; also while another call of the same closure is under way. It can do so
            /// in every call, `malloc` and `free` included.
            ///
            /// A panic of the closure goes on through the guest to the caller of the outermost call, and poisons the sandbox.
            ///
            /// The guest also chooses how much of the thread's stack is used when the closure
            /// begins: 256 KiB are sure to be left. A closure that needs more, by deep recursion or
            /// large arrays, overflows the stack at a depth of the guest's choice, which ends the
            /// process. Let it hand such work to another thread.
            ///
            /// # Errors
            ///
            /// [`Error::Limit`] if no more callbacks can be registered before a `reset`; [`Error::Module`] if the library has no function table;
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// use sandbox::{Callback, Library, Result, Sandbox, TaintedFn, TaintedPtr, Void};
            ///
            /// // typedef void (*Handler)(void *user_data, const char *name);  →  expat::Handler
            /// type Handler<L> = TaintedFn<fn(TaintedPtr<Void, L>, TaintedPtr<i8, L>), L>;
            ///
            /// fn count_long_names<L: Library>(sb: &mut Sandbox<L>) -> Result<Callback<Handler<L>>> {
            ///     sb.register_callback::<Handler<L>, _>(|sb, (user_data, name)| {
            ///         let long = sb.read_c_str(name, 100)?.verify(|name| Ok::<_, sandbox::Error>(name.to_bytes().len() > 20))?;
            ///         *sb.app_mut::<u32>(user_data)? += u32::from(long);
            ///         Ok(())
            ///     })
            /// }
            /// ```
            pub fn register_callback<P, O>(
                &mut self,
                closure: impl Fn(&mut SandboxRef<'_, L>, Args<P, L>) -> Result<O, CallbackError> + Send + Sync + 'static,
            ) -> Result<Callback<TaintedFn<P::Signature, L>>>
            where
                P: FnPointer<L>,
                O: IntoGuest<Output<P, L>, L>,
            {
                callback::register::<P, O, _, L>(&mut self.context_mut(), closure)
            }

            /// Returns the address of a function of the library, to be passed where C takes a function pointer.
            ///
            /// # Errors
            ///
            /// [`Error::Limit`] if the function has no address yet and the guest has filled its table; [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { extern "C" { pub fn clamp(value: i32) -> i32; } } }
            /// use sandbox::{Result, Sandbox, TaintedFn};
            ///
            /// fn clamp(sb: &mut Sandbox<lib::Library>) -> Result<TaintedFn<fn(i32) -> i32, lib::Library>> {
            ///     sb.fn_ptr(lib::functions::clamp)
            /// }
            /// ```
            pub fn fn_ptr<F>(&mut self, function: Function<F, L>) -> Result<TaintedFn<F, L>> {
                function::address(&mut self.context_mut(), function)
            }

            /// Keeps a value for the host, and gives the guest a token for it: C's `void *user_data`.
            ///
            /// # Errors
            ///
            /// [`Error::Limit`] if there are 16,384 already; [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{AppPtr, Library, Result, Sandbox};
            /// fn rows<L: Library>(sb: &mut Sandbox<L>) -> Result<AppPtr<Vec<String>, L>> { sb.register_app(Vec::new()) }
            /// ```
            pub fn register_app<T: Send + 'static>(&mut self, value: T) -> Result<AppPtr<T, L>> {
                let store = &mut self.context_mut();
                store.data().usable()?;
                settle(store);
                let state = store.data_mut();
                let token = state.apps.add(Box::new(value))?;
                Ok(AppPtr::new(token, state.id, Arc::clone(&state.drops)))
            }

            /// Borrows the value behind an app pointer.
            ///
            /// # Errors
            ///
            /// [`Error::AppPointer`] if what the guest passed is no token, or its value is gone, in use or of another type; [`Error::WrongSandbox`],
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, SandboxRef, TaintedPtr, Void};
            /// fn verbose<L: Library>(sb: &SandboxRef<'_, L>, user_data: TaintedPtr<Void, L>) -> Result<bool> { Ok(*sb.app::<bool>(user_data)?) }
            /// ```
            pub fn app<T: 'static>(&self, pointer: TaintedPtr<impl Pointee<L>, L>) -> Result<&T> {
                let state = self.state();
                state.usable()?;
                state.apps.get(pointer.raw().address_in(state.id)?)
            }

            /// Borrows the value behind an app pointer mutably. The guest cannot run meanwhile: what the value needs of it is read before.
            ///
            /// # Errors
            ///
            /// As [`app`](Self::app).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, SandboxRef, TaintedPtr, Void};
            /// fn count<L: Library>(sb: &mut SandboxRef<'_, L>, user_data: TaintedPtr<Void, L>) -> Result<()> {
            ///     *sb.app_mut::<u64>(user_data)? += 1;
            ///     Ok(())
            /// }
            /// ```
            pub fn app_mut<T: 'static>(&mut self, pointer: TaintedPtr<impl Pointee<L>, L>) -> Result<&mut T> {
                let state = self.state_mut();
                state.usable()?;
                let address = pointer.raw().address_in(state.id)?;
                state.apps.get_mut(address)
            }

            /// Lends the value behind an app pointer to a closure that uses the sandbox too.
            ///
            /// # Errors
            ///
            /// As [`app`](Self::app). While the closure runs, the value is in use: to look for it again, in a callback further in, is an error.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, SandboxRef, TaintedPtr, Void};
            /// fn keep<L: Library>(sb: &mut SandboxRef<'_, L>, user_data: TaintedPtr<Void, L>, line: TaintedPtr<i8, L>) -> Result<()> {
            ///     sb.with_app::<Vec<String>, _>(user_data, |sb, lines| {
            ///         let line = sb.read_c_str(line, 1000)?.unverified_because("only shown in a log, escaped");
            ///         lines.push(line.to_string_lossy().escape_debug().to_string());
            ///         Ok(())
            ///     })?
            /// }
            /// ```
            pub fn with_app<T: Send + 'static, R>(
                &mut self,
                pointer: TaintedPtr<impl Pointee<L>, L>,
                closure: impl FnOnce(&mut SandboxRef<'_, L>, &mut T) -> R,
            ) -> Result<R> {
                let mut lent = Lent::<T, L>::new(self.as_sandbox_mut(), pointer.raw())?;
                let Lent { sandbox, value: Some(value), .. } = &mut lent else { return Err(Error::bug("a value that was lent is gone")) };
                Ok(closure(sandbox, value))
            }

            /// Takes a value back, and makes its token invalid.
            ///
            /// # Errors
            ///
            /// [`Error::AppPointer`] if the value is in use; [`Error::WrongSandbox`] after a reset, which drops it, and if it is another sandbox's. The handle is used up all the
            /// same, and the value is dropped. A poisoned sandbox gives it back.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{AppPtr, Library, Result, Sandbox};
            /// fn finish<L: Library>(sb: &mut Sandbox<L>, rows: AppPtr<Vec<String>, L>) -> Result<Vec<String>> { sb.take_app(rows) }
            /// ```
            pub fn take_app<T: 'static>(&mut self, app: AppPtr<T, L>) -> Result<T> {
                let state = self.state_mut();
                app.as_ptr().raw().address_in(state.id)?;
                state.apps.take(app.token())
            }

            /// Reads the next argument behind C's `...`, and steps over it: C's `va_arg`.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// C promotes such arguments: a type that cannot be among them does not compile.
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, VaList};
            /// fn first<L: Library>(sb: &Sandbox<L>, arguments: &mut VaList<L>) -> Result<Tainted<i32, L>> { sb.va_arg::<i32>(arguments) }
            /// ```
            ///
            /// ```compile_fail
            /// # use sandbox::{Result, Sandbox, Tainted, VaList};
            /// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { } }
            /// fn first(sb: &Sandbox<lib::Library>, arguments: &mut VaList<lib::Library>) -> Result<Tainted<f32, lib::Library>> { sb.va_arg::<f32>(arguments) }
            /// # std::hint::black_box(first as fn(_, _) -> _); // only what is used is compiled to the end
            /// ```
            pub fn va_arg<T: GuestScalar<L>>(&self, arguments: &mut VaList<L>) -> Result<T::Tainted> {
                self.read(arguments.step::<T>()?)
            }
        }
    };
}

calling!(impl<L> Sandbox<L>);
calling!(impl<L> SandboxRef<'_, L>);
