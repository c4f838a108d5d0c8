// A struct is a value with tainted fields, an encoding by C's layout, and a place behind a pointer.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod shapes {
        #[layout(size = 24, align = 4)]
        pub struct point {
            #[offset(0)]
            pub tag: u8,
            #[offset(4)]
            pub next: *mut point,
            #[offset(8)]
            pub on_drop: Option<unsafe extern "C" fn(*mut c_void, c_int) -> c_int>,
            #[offset(12)]
            pub xyz: [f32; 3],
        }
    }
}
