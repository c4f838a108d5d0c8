// The guest may call a callback at any time: it owns what it uses.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<u32> {
    let mut calls = 0;
    let visit = sb.register_callback::<one::each_visit, _>(|_, _| {
        calls += 1;
        Ok(())
    })?;
    one::each(sb, &visit)?;
    Ok(calls)
}

fn main() {}
