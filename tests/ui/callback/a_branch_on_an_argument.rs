// A callback cannot decide by what C passed before it has verified it.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let compare = sb.register_callback::<one::sort_compare, _>(|_, (a, b)| if a < b { Ok(-1) } else { Ok(1) })?;
    one::sort(sb, &compare, sandbox::null())
}

fn main() {}
