//! The old libraries in the sandbox, compiled by `build.rs`.

use sandbox::Tainted;

use crate::Failure;
use crate::failure::Result;

sandbox::include_library!(webp);
sandbox::include_library!(zlib);

/// Verifies that a function returned what it returns when all is well.
pub(crate) fn expect<L>(function: &'static str, code: Tainted<i32, L>, expected: i32) -> Result<()> {
    code.verify(|code| if code == expected { Ok(()) } else { Err(Failure::BadInput { function, code }) })
}
