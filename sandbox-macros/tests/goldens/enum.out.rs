/// The C library `colors`, in a sandbox.
#[allow(
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    private_interfaces,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    rustdoc::all
)]
pub mod colors {
    /// The marker type of the C library `colors`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    /// The C enum `color`: any value of its integer type.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::cmp::PartialOrd,
        ::core::cmp::Ord,
        ::core::hash::Hash
    )]
    pub struct color(pub ::core::primitive::i32);
    impl color {
        pub const NONE: Self = Self(-1);
        pub const RED: Self = Self(0);
        pub const GREEN: Self = Self(1);
        pub const CRIMSON: Self = Self(0);
    }
    pub const NONE: color = color::NONE;
    pub const RED: color = color::RED;
    pub const GREEN: color = color::GREEN;
    pub const CRIMSON: color = color::CRIMSON;
    impl ::core::fmt::Debug for color {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::sandbox::__private::enum_debug(*self, "color", formatter)
        }
    }
    impl ::core::ops::BitOr for color {
        type Output = Self;
        fn bitor(self, value: Self) -> Self {
            Self(self.0 | value.0)
        }
    }
    impl ::core::ops::BitAnd for color {
        type Output = Self;
        fn bitand(self, value: Self) -> Self {
            Self(self.0 & value.0)
        }
    }
    impl ::core::ops::Not for color {
        type Output = Self;
        fn not(self) -> Self {
            Self(!self.0)
        }
    }
    impl ::sandbox::__private::Pointee<Library> for color {
        const C_NAME: &'static ::core::primitive::str = "color";
        type Place = ::sandbox::__private::NoFields;
    }
    impl ::sandbox::__private::GuestEnum for color {
        type Repr = ::core::primitive::i32;
        const KNOWN: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::i32,
        )] = &[("NONE", -1), ("RED", 0), ("GREEN", 1), ("CRIMSON", 0)];
        fn from_repr(value: ::core::primitive::i32) -> Self {
            Self(value)
        }
        fn repr(self) -> ::core::primitive::i32 {
            self.0
        }
    }
    impl ::sandbox::__private::GuestType<Library> for color {
        type Tainted = ::sandbox::Tainted<Self, Library>;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::size_of::<
            ::core::primitive::i32,
            Library,
        >();
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::align_of::<
            ::core::primitive::i32,
            Library,
        >();
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> ::sandbox::Tainted<Self, Library> {
            ::sandbox::__private::enum_decode(bytes, from)
        }
        fn encode(
            value: &::sandbox::Tainted<Self, Library>,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::enum_encode(value, bytes, to)
        }
    }
    /// The C function `mix`.
    pub fn mix(
        sandbox: &mut impl ::sandbox::AsSandboxMut<Library>,
        a: impl ::sandbox::IntoGuest<color, Library>,
        b: impl ::sandbox::IntoGuest<::sandbox::TaintedPtr<color, Library>, Library>,
    ) -> ::sandbox::Result<::sandbox::Tainted<color, Library>> {
        ::sandbox::__private::call::<
            Library,
            (color, ::sandbox::TaintedPtr<color, Library>),
            color,
        >(
            ::sandbox::AsSandboxMut::as_sandbox_mut(sandbox),
            0,
            (::sandbox::IntoGuest::into_guest(a), ::sandbox::IntoGuest::into_guest(b)),
        )
    }
    /// The functions as values: `sb.fn_ptr(…)` gives the address of one.
    pub mod functions {
        #[allow(unused_imports)]
        use super::*;
        pub const mix: ::sandbox::Function<
            fn(color, ::sandbox::TaintedPtr<color, Library>) -> color,
            Library,
        > = ::sandbox::Function::new(0);
    }
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for colors::Library {
    const NAME: &'static ::core::primitive::str = "colors";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[
        ::sandbox::__private::FunctionDecl::new(
            "mix",
            "mix",
            &[::sandbox::__private::Wasm::I32, ::sandbox::__private::Wasm::I32],
            ::core::option::Option::Some(::sandbox::__private::Wasm::I32),
            &["a", "b"],
        ),
    ];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<colors::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
