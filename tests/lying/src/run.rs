//! What is asked of a host, whatever its guests do.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sandbox::{Error, LimitKind};

/// The deadline of each call of a lying guest.
pub(crate) const DEADLINE: Duration = Duration::from_millis(20);

/// As long as an operation may take: it makes many calls, and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// As much as the process may grow, in bytes, between the first tenth of a run and its end.
const GROWTH: u64 = 96 << 20;

/// How an operation ended, for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// With a value, which may be wrong.
    Ok,
    /// The example found an answer impossible.
    Verify,
    /// The example passed on what the library says of the input.
    Refused,
    /// The runtime found a pointer or an allocation impossible.
    Pointer,
    /// The guest trapped.
    Trap,
    /// The guest exited, or called what it may not.
    Exit,
    /// The guest reached its deadline.
    Time,
    /// It reached another limit.
    Limit,
    /// The sandbox had ended before.
    Poisoned,
}

impl Outcome {
    /// All, in the order of the table.
    pub const ALL: [Self; 9] =
        [Self::Ok, Self::Verify, Self::Refused, Self::Pointer, Self::Trap, Self::Exit, Self::Time, Self::Limit, Self::Poisoned];
}

impl From<&Error> for Outcome {
    fn from(error: &Error) -> Self {
        match error {
            Error::Trap(_) => Self::Trap,
            Error::Exit { .. } | Error::DeniedImport { .. } => Self::Exit,
            Error::Limit { which: LimitKind::Time, .. } => Self::Time,
            Error::Limit { .. } => Self::Limit,
            Error::Poisoned { .. } => Self::Poisoned,
            Error::Memory(_) | Error::LyingAllocator { .. } | Error::Allocation { .. } => Self::Pointer,
            other => panic!("nothing that a guest can bring about: {other:?}"),
        }
    }
}

/// Operations on guests of one library, watched.
#[derive(Debug)]
pub struct Run {
    library: &'static str,
    planned: u64,
    guests: u64,
    operations: u64,
    outcomes: BTreeMap<Outcome, u64>,
    /// How many operations of each name had a value.
    believed: BTreeMap<String, u64>,
    slowest: (Duration, String),
    began: Instant,
    settled: Option<u64>,
    peak: u64,
    failures: Vec<String>,
}

impl Run {
    /// Begins a run that will have about so many operations.
    #[must_use]
    pub fn new(library: &'static str, planned: u64) -> Self {
        Self {
            library,
            planned,
            guests: 0,
            operations: 0,
            outcomes: BTreeMap::new(),
            believed: BTreeMap::new(),
            slowest: (Duration::ZERO, String::new()),
            began: Instant::now(),
            settled: None,
            peak: 0,
            failures: Vec::new(),
        }
    }

    /// Begins one for a fuzzer, which prints itself.
    #[must_use]
    pub fn quiet() -> Self {
        Self::new("fuzzed", u64::MAX)
    }

    /// Tells whether there is more to do.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.operations < self.planned && self.failures.len() < 10
    }

    /// Counts a guest.
    pub fn guest(&mut self) {
        self.guests += 1;
        if self.guests.is_multiple_of(100) {
            eprintln!("{self}");
        }
    }

    /// Does one operation on the guest of a seed.
    pub fn operation(&mut self, seed: u64, name: &str, operation: impl FnOnce() -> Outcome) {
        let before = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(operation));
        let took = before.elapsed();
        self.operations += 1;
        let what = || format!("{} seed {seed}, operation {}: {name}", self.library, self.operations);
        match result {
            Ok(outcome) => {
                *self.outcomes.entry(outcome).or_default() += 1;
                *self.believed.entry(name.into()).or_default() += u64::from(outcome == Outcome::Ok);
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
                self.failures.push(format!("{} panicked: {}", what(), text.unwrap_or_default()));
            }
        }
        if took > PATIENCE {
            self.failures.push(format!("{} took {took:?}", what()));
        }
        if took > self.slowest.0 {
            self.slowest = (took, format!("{name}, seed {seed}"));
        }
        if self.operations.is_multiple_of(64) {
            let now = resident();
            self.peak = self.peak.max(now);
            if self.operations >= self.planned / 10 {
                let settled = *self.settled.get_or_insert(now);
                if now > settled + GROWTH {
                    self.failures.push(format!("{}: the process has grown from {settled} to {now} bytes", what()));
                }
            }
        }
    }

    /// Fails if anything went wrong.
    ///
    /// # Panics
    ///
    /// With all failures.
    pub fn verdict(&self) {
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
    }

    /// Prints the line of the table, and fails if anything went wrong.
    ///
    /// # Panics
    ///
    /// With all failures, or if the guests were too dull to cause any.
    pub fn finish(self) {
        println!("{self}");
        eprintln!("{:?}", self.believed);
        self.verdict();
        // A few guests may all be of a kind.
        if self.operations >= 2_000 {
            assert!(self.outcomes.len() > 4, "such guests show nothing: {:?}", self.outcomes);
            let reached = self.believed.values().all(|count| *count > 0);
            assert!(reached, "what is behind the first check was never reached: {:?}", self.believed);
        }
    }
}

impl fmt::Display for Run {
    /// The line that `cargo xtask lying` reads: columns behind a word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lying: | {} | {} | {} |", self.library, self.guests, self.operations)?;
        for outcome in Outcome::ALL {
            write!(f, " {} |", self.outcomes.get(&outcome).copied().unwrap_or_default())?;
        }
        let (slowest, what) = &self.slowest;
        let (peak, seconds) = (self.peak >> 20, self.began.elapsed().as_secs());
        write!(f, " {} ms ({what}) | {} | {peak} MiB | {seconds} s |", slowest.as_millis(), self.failures.len())
    }
}

/// Bytes of the process that are in memory.
fn resident() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}
