// A reason is written in the source, for reviewers to find.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let why = String::from("it is only printed");
    let _ = one::sum(sb, data, 4)?.unverified_because(&why);
    Ok(())
}

fn main() {}
