// A callback uses the sandbox that it is given: the other is in use by the call.
include!("../libraries.rs");

fn wrong(sb: &'static mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let visit = sb.register_callback::<one::each_visit, _>(|_, _| {
        sb.copy_in(b"text")?;
        Ok(())
    })?;
    one::each(sb, &visit)
}

fn main() {}
