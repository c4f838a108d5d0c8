//! The sandbox's half of a replay: the hostile request, and the requests after it.

use std::fmt::Debug;

use sandbox::{Library, Sandbox};

use crate::Failure;
use crate::failure::Result;

/// As much memory as a guest can have, in bytes: enough for each library, and an overflow soon reaches its end.
const MEMORY_LIMIT: u64 = 16 << 20;

/// What a bystander keeps in its memory meanwhile, in bytes.
const KEPT: usize = 64 << 10;

/// What a hostile request has done, and how it went on.
#[derive(Debug)]
pub struct Contained {
    /// What the application got for the hostile input.
    pub hostile: Failure,
    /// The sandbox refuses every further call before it is reset.
    pub poisoned: bool,
    /// After `reset`, the same sandbox gives the known answer to an honest input.
    pub next_is_right: bool,
    /// Another sandbox with the same library, open all the while, has its memory as it was, and gives the known answer too.
    pub bystander_is_right: bool,
}

/// Makes a hostile request, resets, and makes an honest one, whose answer is known.
pub(crate) fn contain<L: Library, A: PartialEq + Debug>(
    request: impl Fn(&mut Sandbox<L>, &[u8]) -> Result<A>,
    hostile: &[u8],
    honest: &[u8],
    known: &A,
) -> Result<Contained> {
    let pattern: Vec<u8> = (0..KEPT).map(|index| (index * 31 % 251) as u8).collect();
    let mut bystander = Sandbox::<L>::builder().memory_limit(MEMORY_LIMIT).build()?;
    let kept = bystander.copy_in(&pattern)?;

    let mut sandbox = Sandbox::<L>::builder().memory_limit(MEMORY_LIMIT).build()?;
    let hostile = match request(&mut sandbox, hostile) {
        Ok(answer) => return Err(Failure::Unexpected(format!("the hostile input was answered with {answer:?}"))),
        Err(failure) => failure,
    };
    let poisoned = sandbox.is_poisoned();
    sandbox.reset()?;
    let next = request(&mut sandbox, honest)?;

    let found = bystander.copy_out(kept.as_ptr(), kept.len())?;
    let kept_is_right = found.verify(|found| Ok::<_, Failure>(found == pattern))?;
    let bystanders = request(&mut bystander, honest)?;
    Ok(Contained { hostile, poisoned, next_is_right: next == *known, bystander_is_right: kept_is_right && bystanders == *known })
}
