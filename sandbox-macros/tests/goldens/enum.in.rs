// An enum is an open newtype: the guest may store any number. Its constants are constants of the module too.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod colors {
        #[repr(i32)]
        pub enum color {
            NONE = -1,
            RED,
            GREEN,
            CRIMSON = 0,
        }
        extern "C" {
            pub fn mix(a: color, b: *mut color) -> color;
        }
    }
}
