/// The C library `shapes`, in a sandbox.
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
pub mod shapes {
    /// The marker type of the C library `shapes`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    /// The C struct `point`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`pointPlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct point {
        pub tag: ::sandbox::Tainted<::core::primitive::u8, Library>,
        pub next: ::sandbox::TaintedPtr<point, Library>,
        pub on_drop: ::sandbox::TaintedFn<
            fn(
                ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                ::core::primitive::i32,
            ) -> ::core::primitive::i32,
            Library,
        >,
        pub xyz: [::sandbox::Tainted<::core::primitive::f32, Library>; 3],
    }
    impl point {
        #[doc(hidden)]
        const OFFSET_tag: ::core::primitive::u32 = 0;
        #[doc(hidden)]
        const OFFSET_next: ::core::primitive::u32 = 4;
        #[doc(hidden)]
        const OFFSET_on_drop: ::core::primitive::u32 = 8;
        #[doc(hidden)]
        const OFFSET_xyz: ::core::primitive::u32 = 12;
        /// Returns a `point` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for point {
        const C_NAME: &'static ::core::primitive::str = "point";
        type Place = pointPlace;
    }
    impl ::sandbox::__private::Record for point {
        const C_NAME: &'static ::core::primitive::str = "point";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for point {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            point::OFFSET_xyz
                + ::sandbox::__private::layout::size_of::<
                    [::core::primitive::f32; 3],
                    Library,
                >(),
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        ::sandbox::__private::layout::max(
                            1,
                            ::sandbox::__private::layout::align_of::<
                                ::core::primitive::u8,
                                Library,
                            >(),
                        ),
                        ::sandbox::__private::layout::align_of::<
                            ::sandbox::TaintedPtr<point, Library>,
                            Library,
                        >(),
                    ),
                    ::sandbox::__private::layout::align_of::<
                        ::sandbox::TaintedFn<
                            fn(
                                ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                                ::core::primitive::i32,
                            ) -> ::core::primitive::i32,
                            Library,
                        >,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::align_of::<
                    [::core::primitive::f32; 3],
                    Library,
                >(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        1,
                        ::sandbox::__private::layout::align_of::<
                            ::core::primitive::u8,
                            Library,
                        >(),
                    ),
                    ::sandbox::__private::layout::align_of::<
                        ::sandbox::TaintedPtr<point, Library>,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::align_of::<
                    ::sandbox::TaintedFn<
                        fn(
                            ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                            ::core::primitive::i32,
                        ) -> ::core::primitive::i32,
                        Library,
                    >,
                    Library,
                >(),
            ),
            ::sandbox::__private::layout::align_of::<
                [::core::primitive::f32; 3],
                Library,
            >(),
        );
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                tag: ::sandbox::__private::decode_field::<
                    ::core::primitive::u8,
                    Library,
                >(bytes, Self::OFFSET_tag, from),
                next: ::sandbox::__private::decode_field::<
                    ::sandbox::TaintedPtr<point, Library>,
                    Library,
                >(bytes, Self::OFFSET_next, from),
                on_drop: ::sandbox::__private::decode_field::<
                    ::sandbox::TaintedFn<
                        fn(
                            ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                            ::core::primitive::i32,
                        ) -> ::core::primitive::i32,
                        Library,
                    >,
                    Library,
                >(bytes, Self::OFFSET_on_drop, from),
                xyz: ::sandbox::__private::decode_field::<
                    [::core::primitive::f32; 3],
                    Library,
                >(bytes, Self::OFFSET_xyz, from),
            }
        }
        fn encode(
            value: &Self,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_field::<
                ::core::primitive::u8,
                Library,
            >(&value.tag, bytes, Self::OFFSET_tag, to)?;
            ::sandbox::__private::encode_field::<
                ::sandbox::TaintedPtr<point, Library>,
                Library,
            >(&value.next, bytes, Self::OFFSET_next, to)?;
            ::sandbox::__private::encode_field::<
                ::sandbox::TaintedFn<
                    fn(
                        ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                        ::core::primitive::i32,
                    ) -> ::core::primitive::i32,
                    Library,
                >,
                Library,
            >(&value.on_drop, bytes, Self::OFFSET_on_drop, to)?;
            ::sandbox::__private::encode_field::<
                [::core::primitive::f32; 3],
                Library,
            >(&value.xyz, bytes, Self::OFFSET_xyz, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for point {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for point {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for point {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`point`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct pointPlace(::sandbox::__private::RawPtr);
    impl pointPlace {
        /// Points to the field `tag`.
        pub fn tag(&self) -> ::sandbox::TaintedPtr<::core::primitive::u8, Library> {
            ::sandbox::__private::field(self.0, point::OFFSET_tag)
        }
        /// Points to the field `next`.
        pub fn next(
            &self,
        ) -> ::sandbox::TaintedPtr<::sandbox::TaintedPtr<point, Library>, Library> {
            ::sandbox::__private::field(self.0, point::OFFSET_next)
        }
        /// Points to the field `on_drop`.
        pub fn on_drop(
            &self,
        ) -> ::sandbox::TaintedPtr<
            ::sandbox::TaintedFn<
                fn(
                    ::sandbox::TaintedPtr<::sandbox::Void, Library>,
                    ::core::primitive::i32,
                ) -> ::core::primitive::i32,
                Library,
            >,
            Library,
        > {
            ::sandbox::__private::field(self.0, point::OFFSET_on_drop)
        }
        /// Points to the field `xyz`.
        pub fn xyz(
            &self,
        ) -> ::sandbox::TaintedPtr<[::core::primitive::f32; 3], Library> {
            ::sandbox::__private::field(self.0, point::OFFSET_xyz)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for pointPlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<pointPlace> for ::sandbox::__private::RawPtr {
        fn from(fields: pointPlace) -> Self {
            fields.0
        }
    }
    const _: () = ::core::assert!(
        < point as ::sandbox::__private::GuestType < Library >> ::SIZE == 24,
        "C struct `point`: C says 24 bytes and the declared fields give another size; correct the fields, or declare it opaque"
    );
    const _: () = ::core::assert!(
        < point as ::sandbox::__private::GuestType < Library >> ::ALIGN == 4,
        "C struct `point`: C aligns it to 4 bytes and the declared fields give another alignment; correct the fields, or declare it opaque"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::align_up(0,
        ::sandbox::__private::layout::align_of:: < ::core::primitive::u8, Library > ())
        == 0,
        "C struct `point`, field `tag`: C says offset 0 and the declared fields give another offset; correct the fields before it, or declare it opaque"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::align_up(point::OFFSET_tag +
        ::sandbox::__private::layout::size_of:: < ::core::primitive::u8, Library > (),
        ::sandbox::__private::layout::align_of:: < ::sandbox::TaintedPtr < point, Library
        >, Library > ()) == 4,
        "C struct `point`, field `next`: C says offset 4 and the declared fields give another offset; correct the fields before it, or declare it opaque"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::align_up(point::OFFSET_next +
        ::sandbox::__private::layout::size_of:: < ::sandbox::TaintedPtr < point, Library
        >, Library > (), ::sandbox::__private::layout::align_of:: < ::sandbox::TaintedFn
        < fn (::sandbox::TaintedPtr < ::sandbox::Void, Library >, ::core::primitive::i32)
        -> ::core::primitive::i32, Library >, Library > ()) == 8,
        "C struct `point`, field `on_drop`: C says offset 8 and the declared fields give another offset; correct the fields before it, or declare it opaque"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::align_up(point::OFFSET_on_drop +
        ::sandbox::__private::layout::size_of:: < ::sandbox::TaintedFn < fn
        (::sandbox::TaintedPtr < ::sandbox::Void, Library >, ::core::primitive::i32) ->
        ::core::primitive::i32, Library >, Library > (),
        ::sandbox::__private::layout::align_of:: < [::core::primitive::f32; 3], Library >
        ()) == 12,
        "C struct `point`, field `xyz`: C says offset 12 and the declared fields give another offset; correct the fields before it, or declare it opaque"
    );
    /// The function pointer in field `on_drop` of `point`.
    pub type point_on_drop = ::sandbox::TaintedFn<
        fn(
            ::sandbox::TaintedPtr<::sandbox::Void, Library>,
            ::core::primitive::i32,
        ) -> ::core::primitive::i32,
        Library,
    >;
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for shapes::Library {
    const NAME: &'static ::core::primitive::str = "shapes";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<shapes::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
