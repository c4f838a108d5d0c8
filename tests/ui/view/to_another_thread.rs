// A thread may live longer than the sandbox.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?.unverified_because("the test needs bytes");
    std::thread::spawn(move || println!("{}", view.len()));
    Ok(())
}

fn main() {}
