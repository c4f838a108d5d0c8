// The view cannot live longer than the sandbox.
include!("../libraries.rs");

fn wrong(data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = {
        let sb = sandbox::Sandbox::<one::Library>::new()?;
        sb.view(data, 4)?
    };
    drop(view);
    Ok(())
}

fn main() {}
