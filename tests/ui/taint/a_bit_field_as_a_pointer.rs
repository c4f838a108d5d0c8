// C has no pointers to bit-fields: they are read with `read_bits`.
include!("../libraries.rs");

fn wrong(
    sb: &sandbox::Sandbox<one::Library>,
    flags: sandbox::TaintedPtr<one::flags, one::Library>,
) -> sandbox::Result<sandbox::Tainted<u32, one::Library>> {
    sb.read(flags.low())
}

fn main() {}
