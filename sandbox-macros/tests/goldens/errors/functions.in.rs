sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct s { pub x: c_int }
        pub struct opaque;
        extern "C" {
            pub fn printf(format: *const c_char, ...) -> c_int;
            pub fn by_value(value: s) -> s;
            pub fn opaque_by_value(value: opaque);
            pub fn array(values: [c_int; 4]);
            pub fn nothing(value: c_void);
            pub fn unknown(value: *mut wonder, c_int) -> marvel;
            pub fn reference(value: &u8);
            pub fn long(value: i128);
            pub fn unspeakable(value: compile_error!("a vector type is not supported yet"));
            pub fn generic<T>(value: c_int);
            pub fn body() {}
            pub static errno: c_int;
            pub fn variadic_callback(call: Option<unsafe extern "C" fn(*const c_char, ...)>);
            pub fn rust_callback(call: fn(c_int));
            pub fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8, n: u8, o: u8, p: u8, q: u8, r: u8, s: u8, t: u8, u: u8, v: u8, w: u8, x: u8, y: u8, z: u8, aa: u8, ab: u8, ac: u8, ad: u8, ae: u8, af: u8, ag: u8);
        }
        pub fn outside();
    }
}
