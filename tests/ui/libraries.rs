// Two small libraries for the files beside this one. Nothing is run: their code is empty.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod one {
        pub struct state {
            pub count: c_uint,
            pub next: *mut state,
        }
        #[repr(u32)]
        pub enum color { RED, GREEN }
        #[layout(size = 4, align = 4, explicit)]
        pub struct flags { #[bits(offset = 0, width = 3)] pub low: c_uint }
        pub union number { pub i: c_int, pub p: *mut state }
        extern "C" {
            pub fn sum(bytes: *const u8, len: c_uint) -> c_uint;
            pub fn is_ready(state: *const state) -> bool;
            pub fn new_state() -> *mut state;
            pub fn paint(color: color) -> color;
            pub fn each(visit: Option<unsafe extern "C" fn(c_int)>);
            pub fn sort(compare: Option<unsafe extern "C" fn(c_int, c_int) -> c_int>, user_data: *mut c_void);
            pub fn print(format: *const c_char, ...) -> c_int;
            pub static level: c_int;
        }
    }
}
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod two {
        extern "C" {
            pub fn buffer() -> *mut u8;
            pub fn each(visit: Option<unsafe extern "C" fn(c_int)>);
            pub static level: c_int;
        }
    }
}
