// C calls a function pointer: a closure must be registered first.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    one::each(sb, |number: i32| println!("{number}"))
}

fn main() {}
