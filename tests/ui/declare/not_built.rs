// A library that build.rs did not make.
sandbox::include_library!(missing);

fn main() {}
