//! What a guest asked for in a call and was not given: the likely reason where it then gives up.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// As many functions of WASI that nothing provides are told apart in a call. All others are one
/// more. What can be granted is of few kinds.
const FUNCTIONS: usize = 8;

/// What a guest can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Clock,
    Random,
    Environment,
    File,
    Writing,
    Stdin,
    Stdout,
    Stderr,
    /// A function of WASI that nothing provides, by its name.
    Function(Arc<str>),
    /// More functions than are told apart.
    More,
}

impl Wanted {
    fn what(&self) -> &str {
        match self {
            Self::Clock => "a clock",
            Self::Random => "random numbers",
            Self::Environment => "environment variables",
            Self::File => "a file that it was not given",
            Self::Writing => "writing files",
            Self::Stdin => "its standard input",
            Self::Stdout => "its standard output",
            Self::Stderr => "its standard error",
            Self::Function(name) => name,
            Self::More => "other functions",
        }
    }

    fn grant(&self) -> Option<&'static str> {
        match self {
            Self::Clock => Some("clock"),
            Self::Random => Some("random"),
            Self::Environment => Some("env"),
            Self::File => Some("file"),
            Self::Stdin => Some("stdin"),
            Self::Stdout => Some("stdout"),
            Self::Stderr => Some("stderr"),
            Self::Writing | Self::Function(_) | Self::More => None,
        }
    }
}

/// Something that the guest asked for during a call, and that the host did not give it.
///
/// [`Error::denied`](crate::Error::denied) has what was denied in a call that then ended badly.
///
/// # Trust
///
/// The guest chooses what it asks for, and how often: it may ask for what it does not need. No
/// bytes of the guest are in here. The name of a function is one that the module imports.
///
/// # Examples
///
/// ```
/// /// For a log: "clock (2 times)".
/// fn missing(error: &sandbox::Error) -> Vec<String> {
///     let named = |denial: &sandbox::Denial| format!("{} ({} times)", denial.grant().unwrap_or("nothing"), denial.times());
///     error.denied().iter().map(named).collect()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    wanted: Wanted,
    times: u64,
}

impl Denial {
    /// Returns what the guest asked for, in words: "a clock".
    ///
    /// # Examples
    ///
    /// ```
    /// fn log(denial: &sandbox::Denial) { eprintln!("denied: {}", denial.what()); }
    /// ```
    #[must_use]
    pub fn what(&self) -> &str {
        self.wanted.what()
    }

    /// Returns how often it asked.
    ///
    /// # Examples
    ///
    /// ```
    /// fn insists(denial: &sandbox::Denial) -> bool { denial.times() > 100 }
    /// ```
    #[must_use]
    pub fn times(&self) -> u64 {
        self.times
    }

    /// Returns the method of [`Builder`](crate::Builder) that gives it, if one does.
    ///
    /// # Examples
    ///
    /// ```
    /// fn wants_a_clock(error: &sandbox::Error) -> bool { error.denied().iter().any(|denial| denial.grant() == Some("clock")) }
    /// ```
    #[must_use]
    pub fn grant(&self) -> Option<&'static str> {
        self.wanted.grant()
    }
}

/// "a clock, 3 times (`Builder::clock` gives it)".
impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wanted {
            Wanted::Function(name) => write!(f, "`{name}`")?,
            wanted => f.write_str(wanted.what())?,
        }
        if self.times > 1 {
            write!(f, ", {} times", self.times)?;
        }
        match self.grant() {
            Some(method) => write!(f, " (`Builder::{method}` gives it)"),
            None => f.write_str(" (nothing gives it)"),
        }
    }
}

/// What was denied in the outermost call that is under way, in the order in which it was asked for
/// first.
#[derive(Debug, Default)]
pub(crate) struct Denied(Vec<Denial>);

impl Denied {
    /// An outermost call begins.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if !self.0.is_empty() {
            self.0.clear();
        }
    }

    #[cold]
    pub(crate) fn note(&mut self, wanted: Wanted) {
        let functions = self.0.iter().filter(|denial| matches!(denial.wanted, Wanted::Function(_))).count();
        let is_known = |wanted: &Wanted| self.0.iter().any(|denial| denial.wanted == *wanted);
        let wanted = match wanted {
            Wanted::Function(_) if functions == FUNCTIONS && !is_known(&wanted) => Wanted::More,
            wanted => wanted,
        };
        match self.0.iter_mut().find(|denial| denial.wanted == wanted) {
            Some(denial) => denial.times = denial.times.saturating_add(1),
            None => self.0.push(Denial { wanted, times: 1 }),
        }
    }

    pub(crate) fn list(&self) -> Box<[Denial]> {
        self.0.as_slice().into()
    }
}

impl Error {
    /// Returns what the guest was denied in the call that ended with this error, and may have given
    /// up for: of a trap, an `exit`, or a limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Builder, Clock, Error, Library};
    ///
    /// /// Gives a plugin the time if that is what it could not do without.
    /// fn next_try<L: Library>(builder: Builder<L>, error: &Error) -> Builder<L> {
    ///     let wants_time = error.denied().iter().any(|denial| denial.grant() == Some("clock"));
    ///     if wants_time { builder.clock(Clock::Host) } else { builder }
    /// }
    /// ```
    #[must_use]
    pub fn denied(&self) -> &[Denial] {
        match self {
            Self::Trap(trap) => &trap.denied,
            Self::Exit { denied, .. } | Self::Limit { denied, .. } => denied,
            Self::Callback { error, .. } => error.downcast_ref().map_or(&[], Self::denied),
            _ => &[],
        }
    }

    /// Says what was denied in the call that ends with this error; a call further in has said so
    /// before.
    pub(crate) fn after(mut self, list: &Denied) -> Self {
        let place = match &mut self {
            Self::Trap(trap) => &mut trap.denied,
            Self::Exit { denied, .. } | Self::Limit { denied, .. } => denied,
            _ => return self,
        };
        if place.is_empty() {
            *place = list.list();
        }
        self
    }
}

/// The end of a message: what was denied, if anything was.
pub(crate) struct Shown<'a>(pub(crate) &'a [Denial]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, denial) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "; the guest was denied in this call: " } else { "; " })?;
            denial.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_each_kind_once_and_no_more_than_so_many_functions() {
        let mut denied = Denied::default();
        assert_eq!(Shown(&denied.list()).to_string(), "");
        for number in 0..1000 {
            denied.note(Wanted::Clock);
            denied.note(Wanted::Function(format!("f{number}").into()));
        }
        denied.note(Wanted::Random);
        denied.note(Wanted::Function("f7".into()));
        let list = denied.list();
        assert_eq!(list.len(), FUNCTIONS + 3);
        assert_eq!(list.iter().map(Denial::times).sum::<u64>(), 2002);
        let shown = Shown(&list).to_string();
        assert!(shown.starts_with("; the guest was denied in this call: a clock, 1000 times (`Builder::clock` gives it); `f0` (nothing"));
        assert!(shown.contains("`f7`, 2 times (nothing gives it); other functions, 992 times (nothing gives it)"), "{shown}");
        assert!(shown.ends_with("; random numbers (`Builder::random` gives it)"), "{shown}");
        denied.clear();
        assert!(denied.list().is_empty());
    }
}
