sandbox::library! {
    pub mod bad {
        pub struct Library;
        pub type t = c_int;
        pub struct t;
        #[repr(u32)] pub enum color { RED, RED }
        pub const RED: c_int = 1;
        extern "C" {
            pub fn color();
            pub fn f();
            pub fn f();
            pub fn self();
            pub fn self_();
        }
        pub const _: c_int = 1;
    }
}
