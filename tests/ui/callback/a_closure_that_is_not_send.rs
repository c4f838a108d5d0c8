// A sandbox can be sent to another thread, and its callbacks with it.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let shared = std::rc::Rc::new(std::cell::Cell::new(0));
    let visit = sb.register_callback::<one::each_visit, _>(move |_, _| {
        shared.set(shared.get() + 1);
        Ok(())
    })?;
    one::each(sb, &visit)
}

fn main() {}
