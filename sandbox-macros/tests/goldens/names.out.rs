/// The C library `mod`, in a sandbox.
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
pub mod r#mod {
    /// The marker type of the C library `mod`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    pub type u8 = ::core::primitive::u8;
    pub type Option = u8;
    /// The C constant `sandbox`.
    pub const sandbox: ::core::primitive::i32 = 1;
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
    pub struct color(pub ::core::primitive::u8);
    impl color {
        pub const bytes: Self = Self(0);
        pub const value: Self = Self(1);
    }
    pub const bytes: color = color::bytes;
    pub const value: color = color::value;
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
        fn bitor(self, value_: Self) -> Self {
            Self(self.0 | value_.0)
        }
    }
    impl ::core::ops::BitAnd for color {
        type Output = Self;
        fn bitand(self, value_: Self) -> Self {
            Self(self.0 & value_.0)
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
        type Repr = ::core::primitive::u8;
        const KNOWN: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u8,
        )] = &[("bytes", 0), ("value", 1)];
        fn from_repr(value_: ::core::primitive::u8) -> Self {
            Self(value_)
        }
        fn repr(self) -> ::core::primitive::u8 {
            self.0
        }
    }
    impl ::sandbox::__private::GuestType<Library> for color {
        type Tainted = ::sandbox::Tainted<Self, Library>;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::size_of::<
            ::core::primitive::u8,
            Library,
        >();
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::align_of::<
            ::core::primitive::u8,
            Library,
        >();
        fn decode(
            bytes_: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> ::sandbox::Tainted<Self, Library> {
            ::sandbox::__private::enum_decode(bytes_, from)
        }
        fn encode(
            value_: &::sandbox::Tainted<Self, Library>,
            bytes_: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::enum_encode(value_, bytes_, to)
        }
    }
    /// The C struct `boxed`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`boxedPlace_`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct boxed {
        pub self_: ::sandbox::Tainted<u8, Library>,
        pub r#type: ::sandbox::Tainted<u8, Library>,
        pub r#match: ::sandbox::Tainted<u8, Library>,
    }
    impl boxed {
        #[doc(hidden)]
        const OFFSET_self_: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<u8, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_type: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            boxed::OFFSET_self_ + ::sandbox::__private::layout::size_of::<u8, Library>(),
            ::sandbox::__private::layout::align_of::<u8, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_match: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            boxed::OFFSET_type + ::sandbox::__private::layout::size_of::<u8, Library>(),
            ::sandbox::__private::layout::align_of::<u8, Library>(),
        );
        /// Returns a `boxed` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for boxed {
        const C_NAME: &'static ::core::primitive::str = "boxed";
        type Place = boxedPlace_;
    }
    impl ::sandbox::__private::Record for boxed {
        const C_NAME: &'static ::core::primitive::str = "boxed";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for boxed {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            boxed::OFFSET_match + ::sandbox::__private::layout::size_of::<u8, Library>(),
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        1,
                        ::sandbox::__private::layout::align_of::<u8, Library>(),
                    ),
                    ::sandbox::__private::layout::align_of::<u8, Library>(),
                ),
                ::sandbox::__private::layout::align_of::<u8, Library>(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    1,
                    ::sandbox::__private::layout::align_of::<u8, Library>(),
                ),
                ::sandbox::__private::layout::align_of::<u8, Library>(),
            ),
            ::sandbox::__private::layout::align_of::<u8, Library>(),
        );
        fn decode(
            bytes_: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                self_: ::sandbox::__private::decode_field::<
                    u8,
                    Library,
                >(bytes_, Self::OFFSET_self_, from),
                r#type: ::sandbox::__private::decode_field::<
                    u8,
                    Library,
                >(bytes_, Self::OFFSET_type, from),
                r#match: ::sandbox::__private::decode_field::<
                    u8,
                    Library,
                >(bytes_, Self::OFFSET_match, from),
            }
        }
        fn encode(
            value_: &Self,
            bytes_: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_field::<
                u8,
                Library,
            >(&value_.self_, bytes_, Self::OFFSET_self_, to)?;
            ::sandbox::__private::encode_field::<
                u8,
                Library,
            >(&value_.r#type, bytes_, Self::OFFSET_type, to)?;
            ::sandbox::__private::encode_field::<
                u8,
                Library,
            >(&value_.r#match, bytes_, Self::OFFSET_match, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for boxed {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for boxed {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for boxed {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`boxed`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct boxedPlace_(::sandbox::__private::RawPtr);
    impl boxedPlace_ {
        /// Points to the field `self`.
        pub fn self_(&self) -> ::sandbox::TaintedPtr<u8, Library> {
            ::sandbox::__private::field(self.0, boxed::OFFSET_self_)
        }
        /// Points to the field `type`.
        pub fn r#type(&self) -> ::sandbox::TaintedPtr<u8, Library> {
            ::sandbox::__private::field(self.0, boxed::OFFSET_type)
        }
        /// Points to the field `match`.
        pub fn r#match(&self) -> ::sandbox::TaintedPtr<u8, Library> {
            ::sandbox::__private::field(self.0, boxed::OFFSET_match)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for boxedPlace_ {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<boxedPlace_> for ::sandbox::__private::RawPtr {
        fn from(fields: boxedPlace_) -> Self {
            fields.0
        }
    }
    /// The C struct `boxedPlace`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`boxedPlacePlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct boxedPlace {
        pub add: ::sandbox::Tainted<::core::primitive::i32, Library>,
    }
    impl boxedPlace {
        #[doc(hidden)]
        const OFFSET_add: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<::core::primitive::i32, Library>(),
        );
        /// Returns a `boxedPlace` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for boxedPlace {
        const C_NAME: &'static ::core::primitive::str = "boxedPlace";
        type Place = boxedPlacePlace;
    }
    impl ::sandbox::__private::Record for boxedPlace {
        const C_NAME: &'static ::core::primitive::str = "boxedPlace";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for boxedPlace {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            boxedPlace::OFFSET_add
                + ::sandbox::__private::layout::size_of::<
                    ::core::primitive::i32,
                    Library,
                >(),
            ::sandbox::__private::layout::max(
                1,
                ::sandbox::__private::layout::align_of::<
                    ::core::primitive::i32,
                    Library,
                >(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            1,
            ::sandbox::__private::layout::align_of::<::core::primitive::i32, Library>(),
        );
        fn decode(
            bytes_: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                add: ::sandbox::__private::decode_field::<
                    ::core::primitive::i32,
                    Library,
                >(bytes_, Self::OFFSET_add, from),
            }
        }
        fn encode(
            value_: &Self,
            bytes_: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_field::<
                ::core::primitive::i32,
                Library,
            >(&value_.add, bytes_, Self::OFFSET_add, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for boxedPlace {
        type By = ::sandbox::__private::Single<::core::primitive::i32>;
    }
    impl ::sandbox::__private::GuestResult<Library> for boxedPlace {
        type Tainted = Self;
        type Return = <::sandbox::__private::Single<
            ::core::primitive::i32,
        > as ::sandbox::__private::Passing<Self, Library>>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for boxedPlace {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`boxedPlace`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct boxedPlacePlace(::sandbox::__private::RawPtr);
    impl boxedPlacePlace {
        /// Points to the field `add`.
        pub fn add(&self) -> ::sandbox::TaintedPtr<::core::primitive::i32, Library> {
            ::sandbox::__private::field(self.0, boxedPlace::OFFSET_add)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for boxedPlacePlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<boxedPlacePlace> for ::sandbox::__private::RawPtr {
        fn from(fields: boxedPlacePlace) -> Self {
            fields.0
        }
    }
    /// The C function `match`.
    pub fn r#match(
        sandbox_: &mut impl ::sandbox::AsSandboxMut<Library>,
        r#type: impl ::sandbox::IntoGuest<Option, Library>,
        self_: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
        sandbox__: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
        color_: impl ::sandbox::IntoGuest<color, Library>,
        arg4: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
        arg5: impl ::sandbox::IntoGuest<::sandbox::TaintedPtr<boxed, Library>, Library>,
        x: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
        x_: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
    ) -> ::sandbox::Result<()> {
        ::sandbox::__private::call::<
            Library,
            (
                Option,
                ::core::primitive::i32,
                ::core::primitive::i32,
                color,
                ::core::primitive::i32,
                ::sandbox::TaintedPtr<boxed, Library>,
                ::core::primitive::i32,
                ::core::primitive::i32,
            ),
            (),
        >(
            ::sandbox::AsSandboxMut::as_sandbox_mut(sandbox_),
            0,
            (
                ::sandbox::IntoGuest::into_guest(r#type),
                ::sandbox::IntoGuest::into_guest(self_),
                ::sandbox::IntoGuest::into_guest(sandbox__),
                ::sandbox::IntoGuest::into_guest(color_),
                ::sandbox::IntoGuest::into_guest(arg4),
                ::sandbox::IntoGuest::into_guest(arg5),
                ::sandbox::IntoGuest::into_guest(x),
                ::sandbox::IntoGuest::into_guest(x_),
            ),
        )
    }
    /// The functions as values: `sb.fn_ptr(…)` gives the address of one.
    pub mod functions {
        #[allow(unused_imports)]
        use super::*;
        pub const r#match: ::sandbox::Function<
            fn(
                Option,
                ::core::primitive::i32,
                ::core::primitive::i32,
                color,
                ::core::primitive::i32,
                ::sandbox::TaintedPtr<boxed, Library>,
                ::core::primitive::i32,
                ::core::primitive::i32,
            ),
            Library,
        > = ::sandbox::Function::new(0);
    }
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for r#mod::Library {
    const NAME: &'static ::core::primitive::str = "mod";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[
        ::sandbox::__private::FunctionDecl::new(
            "match",
            "match",
            &[
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
            ],
            ::core::option::Option::None,
            &["type", "self", "sandbox", "color", "arg4", "arg5", "x", "x"],
        ),
    ];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<r#mod::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
