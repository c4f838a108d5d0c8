// The numbers of C are known.
include!("../libraries.rs");

fn wrong() -> sandbox::Result<()> {
    struct Mine;
    impl sandbox::Number for Mine {}
    Ok(())
}

fn main() {}
