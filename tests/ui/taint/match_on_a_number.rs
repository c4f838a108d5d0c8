// A guest would choose the arm. Verify the number first.
include!("../libraries.rs");

fn wrong(count: sandbox::Tainted<u32, one::Library>) -> &'static str {
    match count {
        0 => "none",
        1..=9 => "some",
        _ => "many",
    }
}

fn main() {}
