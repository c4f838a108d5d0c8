// Each library has variables of its own.
include!("../libraries.rs");

fn wrong(sb: &sandbox::Sandbox<one::Library>) -> sandbox::Result<sandbox::TaintedPtr<i32, one::Library>> {
    sb.global(two::level)
}

fn main() {}
