// What C passes to a callback is tainted like everything else.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let visit = sb.register_callback::<one::each_visit, _>(|_, number: i32| {
        println!("{number}");
        Ok(())
    })?;
    one::each(sb, &visit)
}

fn main() {}
