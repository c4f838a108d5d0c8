// The code is machine code: whoever gives it vouches for it.
sandbox::library! {
    #[precompiled(&[])]
    pub mod bad {}
}

fn main() {}
