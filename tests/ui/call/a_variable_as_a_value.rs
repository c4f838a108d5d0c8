// A variable is in a sandbox: which one has to be said.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    sb.write(one::level, 3)
}

fn main() {}
