//! Says which toolchain a build here would use, and tries it out: `cargo run -p sandbox-toolchain --example report`.

fn main() -> Result<(), sandbox_toolchain::ToolchainError> {
    let toolchain = sandbox_toolchain::Toolchain::find()?;
    print!("{}", sandbox_toolchain::probe(&toolchain)?.report(&toolchain));
    Ok(())
}
