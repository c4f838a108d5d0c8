//! The old libraries in the sandbox, compiled by `build.rs`.

use sandbox::{Library, Sandbox, Tainted, TaintedPtr};

use crate::Failure;
use crate::failure::Result;

sandbox::include_library!(onig);
sandbox::include_library!(webp);
sandbox::include_library!(zlib);

/// Verifies that a function returned what it returns when all is well.
pub(crate) fn expect<L>(function: &'static str, code: Tainted<i32, L>, expected: i32) -> Result<()> {
    code.verify(|code| if code == expected { Ok(()) } else { Err(Failure::BadInput { function, code }) })
}

pub(crate) fn zlib_version() -> Result<String> {
    let mut sb = Sandbox::<zlib::Library>::new()?;
    let version = zlib::zlibVersion(&mut sb)?;
    text(&sb, version)
}

pub(crate) fn onig_version() -> Result<String> {
    let mut sb = Sandbox::<onig::Library>::new()?;
    let version = onig::onig_version(&mut sb)?;
    text(&sb, version)
}

pub(crate) fn webp_version() -> Result<String> {
    let mut sb = Sandbox::<webp::Library>::new()?;
    let version = webp::WebPGetDecoderVersion(&mut sb)?.unverified_because("any number has three parts, and the test compares them");
    Ok(format!("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff))
}

fn text<L: Library>(sb: &Sandbox<L>, version: TaintedPtr<i8, L>) -> Result<String> {
    let wrong = |_| Failure::WrongAnswer("a version that is no text".to_owned());
    sb.read_c_str(version, 16)?.verify(|version| version.into_string().map_err(wrong))
}
