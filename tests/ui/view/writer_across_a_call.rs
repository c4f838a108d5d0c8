// A call may move the memory that the writer writes to.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let mut writer = sb.writer(data, 4)?;
    one::sum(sb, data, 4)?;
    let _ = std::io::Write::write(&mut writer, b"x");
    Ok(())
}

fn main() {}
