// What C passes to a callback is tainted like everything else; and C cannot call a closure yet.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    one::each(sb, |number: i32| println!("{number}"))
}

fn main() {}
