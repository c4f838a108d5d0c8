//! Goes through the signatures of a library.

use std::fmt;

use sandbox::{CallbackError, Result, Sandbox, Tainted, TaintedPtr};

use crate::value::{LENGTH, Values, WHY};

pub(crate) type Outcome = Result<(), CallbackError>;

/// The functions that each library has.
pub(crate) struct Library<L: sandbox::Library> {
    pub(crate) begin: fn(&mut Sandbox<L>, u32, u32) -> Result<()>,
    pub(crate) mismatches: fn(&mut Sandbox<L>) -> Result<Tainted<u32, L>>,
    pub(crate) origin: fn(&mut Sandbox<L>) -> Result<TaintedPtr<i8, L>>,
}

/// One of its signatures.
pub(crate) struct Signature<L: sandbox::Library> {
    pub(crate) name: &'static str,
    pub(crate) number: usize,
    pub(crate) call: fn(&mut Sandbox<L>, Values<L>) -> Outcome,
}

/// A bit for each position whose value is another.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) wrong: u32,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positions: Vec<u32> = (0..u32::BITS).filter(|position| self.wrong & 1 << position != 0).collect();
        write!(f, "other values than expected at {positions:?} (16 is the result)")
    }
}

impl std::error::Error for Mismatch {}

/// Calls each function in both directions, with as many rows of values as the tables are long: each position has every value of its kind.
pub(crate) fn run<L: sandbox::Library>(library: Library<L>, signatures: &[Signature<L>]) {
    let mut sb = Sandbox::<L>::new().unwrap();
    let mut failures = Vec::new();
    for signature in signatures {
        for row in 0..LENGTH {
            if let Err(error) = one(&mut sb, &library, signature, row) {
                failures.push(format!("{} with row {row}: {error}", signature.name));
                sb.reset().unwrap();
            }
        }
    }
    let (count, calls) = (signatures.len(), signatures.len() * LENGTH);
    println!("{}: {count} signatures, {calls} calls into the guest, {calls} out of it, {} failures", L::NAME, failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn one<L: sandbox::Library>(sb: &mut Sandbox<L>, library: &Library<L>, signature: &Signature<L>, row: usize) -> Outcome {
    let (start, step) = (signature.number + row, row + 1);
    (library.begin)(sb, u32::try_from(start)?, u32::try_from(step)?)?;
    let source = (library.origin)(sb)?.cast();
    (signature.call)(sb, Values { start, step, source })?;
    match (library.mismatches)(sb)?.unverified_because(WHY) {
        0 => Ok(()),
        wrong => Err(format!("in C, {}", Mismatch { wrong }).into()),
    }
}
