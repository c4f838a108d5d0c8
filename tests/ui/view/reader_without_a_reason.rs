// What is read has left the sandbox.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let mut text = String::new();
    let _ = std::io::Read::read_to_string(&mut sb.reader(data, 4)?, &mut text);
    Ok(())
}

fn main() {}
