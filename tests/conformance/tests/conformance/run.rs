//! Goes through the signatures of a library.

use std::collections::HashSet;
use std::fmt;

use sandbox::{CallbackError, Sandbox, Tainted, TaintedPtr};

use crate::value::{LENGTH, Values, WHY};

/// The position of the result, and how many parameters there are at most.
const RESULT: usize = 16;

pub(crate) type Outcome = Result<(), CallbackError>;

/// The functions that each library has.
pub(crate) struct Library<L: sandbox::Library> {
    pub(crate) begin: fn(&mut Sandbox<L>, u32, u32) -> sandbox::Result<()>,
    pub(crate) mismatches: fn(&mut Sandbox<L>) -> sandbox::Result<Tainted<u32, L>>,
    pub(crate) origin: fn(&mut Sandbox<L>) -> sandbox::Result<TaintedPtr<i8, L>>,
}

/// One of its signatures.
pub(crate) struct Signature<L: sandbox::Library> {
    pub(crate) name: &'static str,
    pub(crate) number: usize,
    /// As C spells them.
    pub(crate) params: &'static [&'static str],
    pub(crate) result: &'static str,
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
pub(crate) fn run<L: sandbox::Library>(library: &Library<L>, signatures: &[Signature<L>]) {
    let mut sb = Sandbox::<L>::new().unwrap();
    let mut failures = Vec::new();
    for signature in signatures {
        for row in 0..LENGTH {
            if let Err(error) = one(&mut sb, library, signature, row) {
                let Signature { name, params, result, .. } = signature;
                failures.push(format!("{result} {name}({}) with row {row}: {error}", params.join(", ")));
                sb.reset().unwrap();
            }
        }
    }
    let (count, calls) = (signatures.len(), signatures.len() * LENGTH);
    println!("{}: {count} signatures, {calls} calls into the guest, {calls} out of it, {} failures", L::NAME, failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn one<L: sandbox::Library>(sb: &mut Sandbox<L>, library: &Library<L>, signature: &Signature<L>, row: usize) -> Outcome {
    let values = begin(sb, library, signature, row)?;
    (signature.call)(sb, values)?;
    match (library.mismatches)(sb)?.unverified_because(WHY) {
        0 => Ok(()),
        wrong => Err(format!("in C, {}", Mismatch { wrong }).into()),
    }
}

fn begin<L: sandbox::Library>(
    sb: &mut Sandbox<L>,
    library: &Library<L>,
    signature: &Signature<L>,
    row: usize,
) -> Result<Values<L>, CallbackError> {
    let (start, step) = (signature.number + row, row + 1);
    (library.begin)(sb, u32::try_from(start)?, u32::try_from(step)?)?;
    Ok(Values { start, step, source: (library.origin)(sb)?.cast() })
}

/// Lets the host take its values from another place than C, and looks whether both sides notice.
pub(crate) fn notice<L: sandbox::Library>(library: &Library<L>, signatures: &[Signature<L>]) {
    let mut sb = Sandbox::<L>::new().unwrap();
    // Neighbours in the table of `_Bool` are the same, and an empty struct is always.
    let plain = |kind: &&str| matches!(*kind, "int" | "double" | "long long" | "struct pair" | "void *" | "struct mixed");
    let mut seen = 0;
    for signature in signatures.iter().filter(|signature| plain(&signature.result) && !signature.params.is_empty()) {
        let values = begin(&mut sb, library, signature, 0).unwrap();
        let error = (signature.call)(&mut sb, Values { start: values.start + 1, ..values }).unwrap_err();
        assert_eq!(error.downcast_ref::<Mismatch>().map(|mismatch| mismatch.wrong), Some(1 << RESULT), "{}: {error}", signature.name);
        let wrong = (library.mismatches)(&mut sb).unwrap().unverified_because(WHY);
        for (position, _) in signature.params.iter().enumerate().filter(|(_, kind)| plain(kind)) {
            assert_ne!(wrong & 1 << position, 0, "{} did not notice argument {position}", signature.name);
            seen += 1;
        }
    }
    assert!(seen > 0, "no argument was looked at");
}

/// Each number of parameters has so many kinds in each position, and as the result.
#[allow(dead_code, reason = "a chunk that is built alone does not have them all")]
pub(crate) fn covered<L: sandbox::Library>(signatures: &[Signature<L>], kinds: usize) {
    for count in 0..=RESULT {
        let those = || signatures.iter().filter(|signature| signature.params.len() == count);
        for position in 0..count {
            assert_eq!(those().map(|signature| signature.params[position]).collect::<HashSet<_>>().len(), kinds, "{count}, {position}");
        }
        // One more is `void`.
        assert_eq!(those().map(|signature| signature.result).collect::<HashSet<_>>().len(), kinds + 1, "{count}");
    }
}
