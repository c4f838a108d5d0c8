//! What is observed with the feature `observe`: counts and times by C function, and spans for `tracing`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use tracing::span::EnteredSpan;

/// What was observed of one C function of a sandbox.
///
/// # Examples
///
/// ```
/// fn is_chatty(function: &sandbox::Observed) -> bool {
///     function.calls > 10_000 && function.transitions > function.inside
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observed {
    /// How often the host called it.
    pub calls: u64,
    /// How often it called back, by way of other C functions too.
    pub callbacks: u64,
    /// Time in the guest, its callbacks not included.
    pub inside: Duration,
    /// Time in callbacks, the calls that they made included.
    pub in_callbacks: Duration,
    /// Time that went into crossing: checks, arguments and results, of the call and of its callbacks. What the engine itself does at a crossing is not known apart and counts as `inside`.
    pub transitions: Duration,
}

/// What was observed of a sandbox, by C function. Its [`Display`](fmt::Display) is a table, the most expensive function first.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Sandbox};
///
/// fn report<L: Library>(sb: &Sandbox<L>) {
///     println!("{}", sb.observations());
///     for (name, function) in sb.observations().iter() {
///         if function.calls > 10_000 {
///             println!("{name} is called often: would a shim that loops save crossings?");
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Observations {
    functions: BTreeMap<&'static str, Observed>,
}

impl Observations {
    /// Returns each function that was called, by name.
    ///
    /// # Examples
    ///
    /// ```
    /// fn calls(observations: &sandbox::Observations) -> u64 { observations.iter().map(|(_, function)| function.calls).sum() }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Observed)> {
        self.functions.iter().map(|(name, function)| (*name, *function))
    }

    /// Returns what was observed of one function.
    ///
    /// # Examples
    ///
    /// ```
    /// fn calls(observations: &sandbox::Observations) -> u64 { observations.get("crc32").map_or(0, |function| function.calls) }
    /// ```
    #[must_use]
    pub fn get(&self, function: &str) -> Option<Observed> {
        self.functions.get(function).copied()
    }
}

/// Where observations are made.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    observations: Observations,
    /// The calls and callbacks that are under way, the innermost last.
    open: Vec<Open>,
}

/// A call or callback that is under way.
#[derive(Clone, Copy, Debug)]
struct Open {
    since: Instant,
    /// Time that is not its own: further in.
    elsewhere: Duration,
    /// Crossings of callbacks that belong to the call.
    transitions: Duration,
    callbacks: u64,
    in_callbacks: Duration,
}

impl Open {
    fn now() -> Self {
        Self { since: Instant::now(), elsewhere: Duration::ZERO, transitions: Duration::ZERO, callbacks: 0, in_callbacks: Duration::ZERO }
    }
}

/// How many calls and callbacks were under way when one began.
#[derive(Clone, Copy)]
pub(crate) struct Depth(usize);

/// A moment.
#[derive(Clone, Copy)]
pub(crate) struct Mark(Instant);

impl Mark {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }
}

/// A callback that has returned and has not yet gone back to the guest.
pub(crate) struct Returned {
    callback: Option<Open>,
    at: Instant,
}

/// Enters a span for a call of the guest.
pub(crate) fn call_span(name: &'static str) -> EnteredSpan {
    tracing::debug_span!(target: "sandbox", "call", function = name).entered()
}

/// Enters a span for a callback.
pub(crate) fn callback_span() -> EnteredSpan {
    tracing::debug_span!(target: "sandbox", "callback").entered()
}

impl Observer {
    pub(crate) fn observations(&self) -> &Observations {
        &self.observations
    }

    fn opens(&mut self, open: Open) -> Depth {
        let depth = Depth(self.open.len());
        self.open.push(open);
        depth
    }

    /// Forgets what a panic has ended further in, too.
    fn closes(&mut self, depth: Depth) -> Option<Open> {
        self.open.truncate(depth.0.saturating_add(1));
        self.open.pop()
    }

    pub(crate) fn call_begins(&mut self, nested: bool) -> Depth {
        if !nested {
            // What a panic has ended.
            self.open.clear();
        }
        self.opens(Open::now())
    }

    pub(crate) fn call_ends(&mut self, name: &'static str, call: Depth) {
        let Some(open) = self.closes(call) else { return };
        let function = self.observations.functions.entry(name).or_default();
        function.calls = function.calls.saturating_add(1);
        function.callbacks = function.callbacks.saturating_add(open.callbacks);
        function.inside = function.inside.saturating_add(open.since.elapsed().saturating_sub(open.elsewhere));
        function.in_callbacks = function.in_callbacks.saturating_add(open.in_callbacks);
        function.transitions = function.transitions.saturating_add(open.transitions);
    }

    /// Adds the host's part of a call's crossings: from `begins` to now.
    pub(crate) fn crossed(&mut self, name: &'static str, begins: Mark) {
        let function = self.observations.functions.entry(name).or_default();
        function.transitions = function.transitions.saturating_add(begins.0.elapsed());
    }

    /// The closure begins; the crossing began at `begins`.
    pub(crate) fn callback_begins(&mut self, begins: Mark) -> Depth {
        self.opens(Open { transitions: begins.0.elapsed(), ..Open::now() })
    }

    /// The closure has returned; what follows is its crossing back.
    pub(crate) fn callback_returns(&mut self, callback: Depth) -> Returned {
        Returned { callback: self.closes(callback), at: Instant::now() }
    }

    pub(crate) fn callback_ends(&mut self, returned: Returned) {
        let Returned { callback: Some(callback), at } = returned else { return };
        let time = at.saturating_duration_since(callback.since);
        let crossing = callback.transitions.saturating_add(at.elapsed());
        if let Some(call) = self.open.last_mut() {
            call.callbacks = call.callbacks.saturating_add(1);
            call.in_callbacks = call.in_callbacks.saturating_add(time);
            call.transitions = call.transitions.saturating_add(crossing);
            call.elsewhere = call.elsewhere.saturating_add(time).saturating_add(crossing);
        }
    }
}

impl fmt::Display for Observations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<(&str, Observed)> = self.iter().collect();
        rows.sort_by_key(|(_, function)| {
            std::cmp::Reverse(function.inside.saturating_add(function.in_callbacks).saturating_add(function.transitions))
        });
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max("function".len());
        write!(
            f,
            "{:width$} {:>10} {:>10} {:>12} {:>12} {:>12}",
            "function", "calls", "callbacks", "inside", "in callbacks", "transitions"
        )?;
        for (name, function) in rows {
            let time = |time: Duration| format!("{time:.1?}");
            write!(
                f,
                "\n{name:width$} {:>10} {:>10} {:>12} {:>12} {:>12}",
                function.calls,
                function.callbacks,
                time(function.inside),
                time(function.in_callbacks),
                time(function.transitions)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn time_further_in_is_not_time_inside() {
        let mut observer = Observer::default();
        let outer = observer.call_begins(false);
        let callback = observer.callback_begins(Mark::now());
        let inner = observer.call_begins(true);
        std::thread::sleep(Duration::from_millis(20));
        observer.call_ends("inner", inner);
        let returned = observer.callback_returns(callback);
        observer.callback_ends(returned);
        observer.call_ends("outer", outer);
        let observations = observer.observations();
        let (outer, inner) = (observations.get("outer").unwrap(), observations.get("inner").unwrap());
        assert_eq!((outer.calls, outer.callbacks, inner.calls, inner.callbacks), (1, 1, 1, 0));
        assert!(inner.inside >= Duration::from_millis(20) && outer.in_callbacks >= inner.inside);
        assert!(outer.inside < Duration::from_millis(20));
        let table = observations.to_string();
        assert!(table.starts_with("function ") && table.lines().count() == 3, "{table}");
    }
}
