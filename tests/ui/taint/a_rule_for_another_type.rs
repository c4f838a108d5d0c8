// A rule about floats says nothing about a number.
include!("../libraries.rs");

fn wrong(text: sandbox::Tainted<std::ffi::CString, one::Library>) -> sandbox::Result<()> {
    let _ = text.verify_with(sandbox::rules::finite());
    Ok(())
}

fn main() {}
