// The guest's allocator runs in the guest.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?;
    sb.alloc::<u8>(4)?;
    let _ = view.unverified_because("this test does not run");
    Ok(())
}

fn main() {}
