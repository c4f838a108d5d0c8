// The guest may reach a value in a callback: it cannot be borrowed while the guest runs.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, token: sandbox::TaintedPtr<sandbox::Void, one::Library>) -> sandbox::Result<()> {
    let lines = sb.app_mut::<Vec<String>>(token)?;
    one::new_state(sb)?;
    lines.push("done".to_owned());
    Ok(())
}

fn main() {}
