/// The C library `simple`, in a sandbox.
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
pub mod simple {
    /// The marker type of the C library `simple`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    /// The C constant `Z_OK`.
    pub const Z_OK: ::core::primitive::i32 = 0;
    /// The C constant `Z_ERRNO`.
    pub const Z_ERRNO: ::core::primitive::i32 = -1;
    /// The C constant `MASK`.
    pub const MASK: ::core::primitive::u32 = 0xffff_ffff;
    /// The C constant `PI`.
    pub const PI: ::core::primitive::f64 = 3.25;
    /// The C constant `YES`.
    pub const YES: ::core::primitive::bool = true;
    /// The C constant `VERSION`.
    pub const VERSION: &'static ::core::ffi::CStr = c"1.3.2";
    pub type uInt = ::core::primitive::u32;
    pub type voidpf = ::sandbox::TaintedPtr<::sandbox::Void, Library>;
    pub type pair = [uInt; 2];
    pub type handler = ::sandbox::TaintedFn<fn(uInt), Library>;
    #[cfg_attr(not(doctest), doc = " The library keeps its fields to itself.")]
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct internal_state {
        _opaque: (),
    }
    impl ::sandbox::__private::Pointee<Library> for internal_state {
        const C_NAME: &'static ::core::primitive::str = "internal_state";
        type Place = ::sandbox::__private::NoFields;
    }
    pub type state = internal_state;
    /// The C struct `holder`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`holderPlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct holder {
        pub count: ::sandbox::Tainted<uInt, Library>,
        pub both: [::sandbox::Tainted<uInt, Library>; 2],
        pub handler: handler,
        pub state: ::sandbox::TaintedPtr<state, Library>,
    }
    impl holder {
        #[doc(hidden)]
        const OFFSET_count: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<uInt, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_both: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            holder::OFFSET_count
                + ::sandbox::__private::layout::size_of::<uInt, Library>(),
            ::sandbox::__private::layout::align_of::<pair, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_handler: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            holder::OFFSET_both
                + ::sandbox::__private::layout::size_of::<pair, Library>(),
            ::sandbox::__private::layout::align_of::<handler, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_state: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            holder::OFFSET_handler
                + ::sandbox::__private::layout::size_of::<handler, Library>(),
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedPtr<state, Library>,
                Library,
            >(),
        );
        /// Returns a `holder` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for holder {
        const C_NAME: &'static ::core::primitive::str = "holder";
        type Place = holderPlace;
    }
    impl ::sandbox::__private::Record for holder {
        const C_NAME: &'static ::core::primitive::str = "holder";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for holder {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            holder::OFFSET_state
                + ::sandbox::__private::layout::size_of::<
                    ::sandbox::TaintedPtr<state, Library>,
                    Library,
                >(),
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        ::sandbox::__private::layout::max(
                            1,
                            ::sandbox::__private::layout::align_of::<uInt, Library>(),
                        ),
                        ::sandbox::__private::layout::align_of::<pair, Library>(),
                    ),
                    ::sandbox::__private::layout::align_of::<handler, Library>(),
                ),
                ::sandbox::__private::layout::align_of::<
                    ::sandbox::TaintedPtr<state, Library>,
                    Library,
                >(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        1,
                        ::sandbox::__private::layout::align_of::<uInt, Library>(),
                    ),
                    ::sandbox::__private::layout::align_of::<pair, Library>(),
                ),
                ::sandbox::__private::layout::align_of::<handler, Library>(),
            ),
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedPtr<state, Library>,
                Library,
            >(),
        );
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                count: ::sandbox::__private::decode_field::<
                    uInt,
                    Library,
                >(bytes, Self::OFFSET_count, from),
                both: ::sandbox::__private::decode_field::<
                    pair,
                    Library,
                >(bytes, Self::OFFSET_both, from),
                handler: ::sandbox::__private::decode_field::<
                    handler,
                    Library,
                >(bytes, Self::OFFSET_handler, from),
                state: ::sandbox::__private::decode_field::<
                    ::sandbox::TaintedPtr<state, Library>,
                    Library,
                >(bytes, Self::OFFSET_state, from),
            }
        }
        fn encode(
            value: &Self,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_field::<
                uInt,
                Library,
            >(&value.count, bytes, Self::OFFSET_count, to)?;
            ::sandbox::__private::encode_field::<
                pair,
                Library,
            >(&value.both, bytes, Self::OFFSET_both, to)?;
            ::sandbox::__private::encode_field::<
                handler,
                Library,
            >(&value.handler, bytes, Self::OFFSET_handler, to)?;
            ::sandbox::__private::encode_field::<
                ::sandbox::TaintedPtr<state, Library>,
                Library,
            >(&value.state, bytes, Self::OFFSET_state, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for holder {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for holder {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for holder {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`holder`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct holderPlace(::sandbox::__private::RawPtr);
    impl holderPlace {
        /// Points to the field `count`.
        pub fn count(&self) -> ::sandbox::TaintedPtr<uInt, Library> {
            ::sandbox::__private::field(self.0, holder::OFFSET_count)
        }
        /// Points to the field `both`.
        pub fn both(&self) -> ::sandbox::TaintedPtr<pair, Library> {
            ::sandbox::__private::field(self.0, holder::OFFSET_both)
        }
        /// Points to the field `handler`.
        pub fn handler(&self) -> ::sandbox::TaintedPtr<handler, Library> {
            ::sandbox::__private::field(self.0, holder::OFFSET_handler)
        }
        /// Points to the field `state`.
        pub fn state(
            &self,
        ) -> ::sandbox::TaintedPtr<::sandbox::TaintedPtr<state, Library>, Library> {
            ::sandbox::__private::field(self.0, holder::OFFSET_state)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for holderPlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<holderPlace> for ::sandbox::__private::RawPtr {
        fn from(fields: holderPlace) -> Self {
            fields.0
        }
    }
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for simple::Library {
    const NAME: &'static ::core::primitive::str = "simple";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<simple::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
