// A callback returns exactly what C expects.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let compare = sb.register_callback::<one::sort_compare, _>(|_, (a, b)| Ok(0_u64))?;
    one::sort(sb, &compare, sandbox::null())
}

fn main() {}
