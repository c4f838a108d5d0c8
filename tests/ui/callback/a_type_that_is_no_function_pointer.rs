// The type of the function pointer says what the closure takes.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let visit = sb.register_callback::<fn(i32), _>(|_, number| Ok(()))?;
    one::each(sb, &visit)
}

fn main() {}
