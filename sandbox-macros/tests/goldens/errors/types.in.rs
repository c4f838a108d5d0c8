sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub type a = b;
        pub type b = *mut a;
        pub struct list { pub tail: [list; 2] }
        pub struct even { pub other: odd }
        pub struct odd { pub other: even }
        pub struct flexible { pub len: c_int, pub data: [u8; 0] }
        pub struct computed { pub data: [u8; 2 * 4], pub again: [u8; N] }
        #[repr(packed)]
        pub struct packed { pub x: u8 }
        pub struct empty {}
        pub struct tuple(u8);
        pub struct bits { pub flag: c_uint: 3 }
        pub struct twice { pub x: u8, pub x: u8 }
        pub struct generic<T> { pub x: T }
        pub union either { x: u8, y: f32 }
        pub enum plain { A }
        #[repr(u8)] pub enum big { B = 256, C = 255, D }
        #[derive(Debug)] pub struct derived { pub c: char }
        #[layout(size = 4)] pub struct half { pub x: c_int }
        #[layout(size = 4, align = 4)] pub struct shut;
        pub struct broken { pub x c_int, pub y: *mut, pub z: c_int }
    }
}
