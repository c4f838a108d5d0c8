//! Finds out what a library writes behind its own blocks, if that stays within the guest's memory.

use sandbox::{Library, Sandbox};

use crate::Failure;
use crate::failure::Result;

/// How many blocks of the application's lie in the guest, and how large each is in bytes.
const BLOCKS: usize = 8;
const SIZE: usize = 1024;

/// Makes a request while blocks of the application's lie in the guest, each behind a hole of the size of a block that the library will allocate.
///
/// An honest request leaves them as they are.
pub(crate) fn fenced<L: Library, A>(sb: &mut Sandbox<L>, hole: u32, request: impl FnOnce(&mut Sandbox<L>) -> Result<A>) -> Result<A> {
    let content = [0xa5; SIZE];
    let (mut holes, mut blocks) = (Vec::new(), Vec::new());
    for _ in 0..BLOCKS {
        holes.push(sb.alloc::<u8>(hole)?);
        blocks.push(sb.copy_in(&content)?);
    }
    drop(holes);
    let result = request(sb);
    if sb.is_poisoned() {
        return result;
    }
    let mut bytes = 0;
    for block in &blocks {
        let found = sb.copy_out(block.as_ptr(), block.len())?;
        bytes += found.verify(|found| Ok::<_, Failure>(found.iter().filter(|byte| **byte != 0xa5).count()))?;
    }
    if bytes == 0 { result } else { Err(Failure::Damaged { bytes, answer: result.err().map(Box::new) }) }
}
