/// The C library `lib`, in a sandbox.
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
pub mod lib {
    /// The marker type of the C library `lib`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    /// The C enum `flag`: any value of its integer type.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::cmp::PartialOrd,
        ::core::cmp::Ord,
        ::core::hash::Hash
    )]
    pub struct flag(pub ::core::primitive::u32);
    impl flag {
        pub const OFF: Self = Self(0);
        pub const ON: Self = Self(1);
    }
    pub const OFF: flag = flag::OFF;
    pub const ON: flag = flag::ON;
    impl ::core::fmt::Debug for flag {
        fn fmt(
            &self,
            formatter: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            ::sandbox::__private::enum_debug(*self, "flag", formatter)
        }
    }
    impl ::core::ops::BitOr for flag {
        type Output = Self;
        fn bitor(self, value: Self) -> Self {
            Self(self.0 | value.0)
        }
    }
    impl ::core::ops::BitAnd for flag {
        type Output = Self;
        fn bitand(self, value: Self) -> Self {
            Self(self.0 & value.0)
        }
    }
    impl ::core::ops::Not for flag {
        type Output = Self;
        fn not(self) -> Self {
            Self(!self.0)
        }
    }
    impl ::sandbox::__private::Pointee<Library> for flag {
        const C_NAME: &'static ::core::primitive::str = "flag";
        type Place = ::sandbox::__private::NoFields;
    }
    impl ::sandbox::__private::GuestEnum for flag {
        type Repr = ::core::primitive::u32;
        const KNOWN: &'static [(
            &'static ::core::primitive::str,
            ::core::primitive::u32,
        )] = &[("OFF", 0), ("ON", 1)];
        fn from_repr(value: ::core::primitive::u32) -> Self {
            Self(value)
        }
        fn repr(self) -> ::core::primitive::u32 {
            self.0
        }
    }
    impl ::sandbox::__private::GuestType<Library> for flag {
        type Tainted = ::sandbox::Tainted<Self, Library>;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::size_of::<
            ::core::primitive::u32,
            Library,
        >();
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::align_of::<
            ::core::primitive::u32,
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
    #[cfg_attr(not(doctest), doc = " Bits in a packed struct.")]
    ///
    ///A pointer to it has a method for each field, those of [`packedPlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct packed {
        pub low: ::sandbox::Tainted<::core::primitive::u32, Library>,
        pub flag: ::sandbox::Tainted<flag, Library>,
        pub wide: ::sandbox::Tainted<::core::primitive::i32, Library>,
    }
    impl packed {
        #[doc(hidden)]
        const OFFSET_wide: ::core::primitive::u32 = 1;
        #[doc(hidden)]
        const OFFSET_tail: ::core::primitive::u32 = 5;
        /// Returns a `packed` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for packed {
        const C_NAME: &'static ::core::primitive::str = "packed";
        type Place = packedPlace;
    }
    impl ::sandbox::__private::Record for packed {
        const C_NAME: &'static ::core::primitive::str = "packed";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for packed {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = 7;
        const ALIGN: ::core::primitive::u32 = 1;
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                low: ::sandbox::__private::decode_bits::<
                    ::core::primitive::u32,
                    Library,
                >(
                    bytes,
                    ::sandbox::__private::Bits {
                        offset: 0,
                        width: 3,
                    },
                ),
                flag: ::sandbox::__private::decode_bits::<
                    flag,
                    Library,
                >(
                    bytes,
                    ::sandbox::__private::Bits {
                        offset: 3,
                        width: 1,
                    },
                ),
                wide: ::sandbox::__private::decode_field::<
                    ::core::primitive::i32,
                    Library,
                >(bytes, Self::OFFSET_wide, from),
            }
        }
        fn encode(
            value: &Self,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_bits::<
                ::core::primitive::u32,
                Library,
            >(
                &value.low,
                bytes,
                ::sandbox::__private::Bits {
                    offset: 0,
                    width: 3,
                },
            )?;
            ::sandbox::__private::encode_bits::<
                flag,
                Library,
            >(
                &value.flag,
                bytes,
                ::sandbox::__private::Bits {
                    offset: 3,
                    width: 1,
                },
            )?;
            ::sandbox::__private::encode_field::<
                ::core::primitive::i32,
                Library,
            >(&value.wide, bytes, Self::OFFSET_wide, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for packed {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for packed {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for packed {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`packed`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct packedPlace(::sandbox::__private::RawPtr);
    impl packedPlace {
        /// Points to the field `low`.
        pub fn low(&self) -> ::sandbox::TaintedBits<::core::primitive::u32, Library> {
            ::sandbox::__private::bits_field(
                self.0,
                ::sandbox::__private::Bits {
                    offset: 0,
                    width: 3,
                },
            )
        }
        /// Points to the field `flag`.
        pub fn flag(&self) -> ::sandbox::TaintedBits<flag, Library> {
            ::sandbox::__private::bits_field(
                self.0,
                ::sandbox::__private::Bits {
                    offset: 3,
                    width: 1,
                },
            )
        }
        /// Points to the field `wide`.
        pub fn wide(&self) -> ::sandbox::TaintedPtr<::core::primitive::i32, Library> {
            ::sandbox::__private::field(self.0, packed::OFFSET_wide)
        }
        /// Points to the field `tail`.
        pub fn tail(&self) -> ::sandbox::TaintedPtr<::core::primitive::i16, Library> {
            ::sandbox::__private::field(self.0, packed::OFFSET_tail)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for packedPlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<packedPlace> for ::sandbox::__private::RawPtr {
        fn from(fields: packedPlace) -> Self {
            fields.0
        }
    }
    const _: () = ::core::assert!(
        packed::OFFSET_wide + ::sandbox::__private::layout::size_of:: <
        ::core::primitive::i32, Library > () <= 7,
        "C struct `packed`, field `wide` ends behind it; correct the type, the offset or the size"
    );
    const _: () = ::core::assert!(
        packed::OFFSET_tail + 0 <= 7,
        "C struct `packed`, field `tail` ends behind it; correct the type, the offset or the size"
    );
    const _: () = ::core::assert!(
        packed::OFFSET_wide + ::sandbox::__private::layout::size_of:: <
        ::core::primitive::i32, Library > () <= packed::OFFSET_tail,
        "C struct `packed`, field `tail` overlaps the one before; correct the types or the offsets"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::apart(0, 3, & [(packed::OFFSET_wide,
        ::sandbox::__private::layout::size_of:: < ::core::primitive::i32, Library >
        ())]),
        "C struct `packed`, bit-field `low` overlaps another field; correct the types or the places"
    );
    const _: () = ::core::assert!(
        ::sandbox::__private::layout::apart(3, 1, & [(packed::OFFSET_wide,
        ::sandbox::__private::layout::size_of:: < ::core::primitive::i32, Library >
        ())]),
        "C struct `packed`, bit-field `flag` overlaps another field; correct the types or the places"
    );
    /// The C union `number`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`numberPlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct number {
        bytes: ::sandbox::__private::UnionBytes<
            {
                ::sandbox::__private::layout::host(
                    ::sandbox::__private::layout::align_up(
                        ::sandbox::__private::layout::max(
                            ::sandbox::__private::layout::max(
                                ::sandbox::__private::layout::max(
                                    0,
                                    ::sandbox::__private::layout::size_of::<
                                        ::core::primitive::i32,
                                        Library,
                                    >(),
                                ),
                                ::sandbox::__private::layout::size_of::<
                                    ::core::primitive::f64,
                                    Library,
                                >(),
                            ),
                            ::sandbox::__private::layout::size_of::<
                                ::sandbox::TaintedPtr<packed, Library>,
                                Library,
                            >(),
                        ),
                        ::sandbox::__private::layout::max(
                            ::sandbox::__private::layout::max(
                                ::sandbox::__private::layout::max(
                                    1,
                                    ::sandbox::__private::layout::align_of::<
                                        ::core::primitive::i32,
                                        Library,
                                    >(),
                                ),
                                ::sandbox::__private::layout::align_of::<
                                    ::core::primitive::f64,
                                    Library,
                                >(),
                            ),
                            ::sandbox::__private::layout::align_of::<
                                ::sandbox::TaintedPtr<packed, Library>,
                                Library,
                            >(),
                        ),
                    ),
                )
            },
        >,
    }
    impl number {
        #[doc(hidden)]
        const OFFSET_i: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<::core::primitive::i32, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_d: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<::core::primitive::f64, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_set_i: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedPtr<packed, Library>,
                Library,
            >(),
        );
        /// Returns a `number` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
        /// Reads the member `i`, whichever was written last.
        pub fn i(&self) -> ::sandbox::Tainted<::core::primitive::i32, Library> {
            self.bytes.get::<::core::primitive::i32, Library>(Self::OFFSET_i)
        }
        /// Writes the member `i`; what it does not cover stays as it is.
        pub fn set_i_(
            &mut self,
            value: impl ::core::convert::Into<
                ::sandbox::Tainted<::core::primitive::i32, Library>,
            >,
        ) -> ::sandbox::Result<()> {
            self.bytes.set::<::core::primitive::i32, Library>(Self::OFFSET_i, value)
        }
        /// Reads the member `d`, whichever was written last.
        pub fn d(&self) -> ::sandbox::Tainted<::core::primitive::f64, Library> {
            self.bytes.get::<::core::primitive::f64, Library>(Self::OFFSET_d)
        }
        /// Writes the member `d`; what it does not cover stays as it is.
        pub fn set_d(
            &mut self,
            value: impl ::core::convert::Into<
                ::sandbox::Tainted<::core::primitive::f64, Library>,
            >,
        ) -> ::sandbox::Result<()> {
            self.bytes.set::<::core::primitive::f64, Library>(Self::OFFSET_d, value)
        }
        /// Reads the member `set_i`, whichever was written last.
        pub fn set_i(&self) -> ::sandbox::TaintedPtr<packed, Library> {
            self.bytes
                .get::<
                    ::sandbox::TaintedPtr<packed, Library>,
                    Library,
                >(Self::OFFSET_set_i)
        }
        /// Writes the member `set_i`; what it does not cover stays as it is.
        pub fn set_set_i(
            &mut self,
            value: impl ::core::convert::Into<::sandbox::TaintedPtr<packed, Library>>,
        ) -> ::sandbox::Result<()> {
            self.bytes
                .set::<
                    ::sandbox::TaintedPtr<packed, Library>,
                    Library,
                >(Self::OFFSET_set_i, value)
        }
    }
    impl ::sandbox::__private::Pointee<Library> for number {
        const C_NAME: &'static ::core::primitive::str = "number";
        type Place = numberPlace;
    }
    impl ::sandbox::__private::Record for number {
        const C_NAME: &'static ::core::primitive::str = "number";
    }
    impl ::sandbox::__private::GuestType<Library> for number {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        0,
                        ::sandbox::__private::layout::size_of::<
                            ::core::primitive::i32,
                            Library,
                        >(),
                    ),
                    ::sandbox::__private::layout::size_of::<
                        ::core::primitive::f64,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::size_of::<
                    ::sandbox::TaintedPtr<packed, Library>,
                    Library,
                >(),
            ),
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        1,
                        ::sandbox::__private::layout::align_of::<
                            ::core::primitive::i32,
                            Library,
                        >(),
                    ),
                    ::sandbox::__private::layout::align_of::<
                        ::core::primitive::f64,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::align_of::<
                    ::sandbox::TaintedPtr<packed, Library>,
                    Library,
                >(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    1,
                    ::sandbox::__private::layout::align_of::<
                        ::core::primitive::i32,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::align_of::<
                    ::core::primitive::f64,
                    Library,
                >(),
            ),
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedPtr<packed, Library>,
                Library,
            >(),
        );
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                bytes: ::sandbox::__private::UnionBytes::decode(bytes, from),
            }
        }
        fn encode(
            value: &Self,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            value.bytes.encode(bytes, to)
        }
    }
    impl ::sandbox::__private::Passed<Library> for number {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for number {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for number {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`number`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct numberPlace(::sandbox::__private::RawPtr);
    impl numberPlace {
        /// Points to the field `i`.
        pub fn i(&self) -> ::sandbox::TaintedPtr<::core::primitive::i32, Library> {
            ::sandbox::__private::field(self.0, number::OFFSET_i)
        }
        /// Points to the field `d`.
        pub fn d(&self) -> ::sandbox::TaintedPtr<::core::primitive::f64, Library> {
            ::sandbox::__private::field(self.0, number::OFFSET_d)
        }
        /// Points to the field `set_i`.
        pub fn set_i(
            &self,
        ) -> ::sandbox::TaintedPtr<::sandbox::TaintedPtr<packed, Library>, Library> {
            ::sandbox::__private::field(self.0, number::OFFSET_set_i)
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for numberPlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<numberPlace> for ::sandbox::__private::RawPtr {
        fn from(fields: numberPlace) -> Self {
            fields.0
        }
    }
    /// The C struct `message`, as read from the guest.
    ///
    ///A pointer to it has a method for each field, those of [`messagePlace`].
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct message {
        pub kind: ::sandbox::Tainted<::core::primitive::i32, Library>,
        pub anonymous_1: number,
        pub print: ::sandbox::TaintedFn<
            ::sandbox::Variadic<
                fn(
                    ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                ) -> ::core::primitive::i32,
            >,
            Library,
        >,
    }
    impl message {
        #[doc(hidden)]
        const OFFSET_kind: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            0,
            ::sandbox::__private::layout::align_of::<::core::primitive::i32, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_anonymous_1: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            message::OFFSET_kind
                + ::sandbox::__private::layout::size_of::<
                    ::core::primitive::i32,
                    Library,
                >(),
            ::sandbox::__private::layout::align_of::<number, Library>(),
        );
        #[doc(hidden)]
        const OFFSET_print: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            message::OFFSET_anonymous_1
                + ::sandbox::__private::layout::size_of::<number, Library>(),
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedFn<
                    ::sandbox::Variadic<
                        fn(
                            ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                        ) -> ::core::primitive::i32,
                    >,
                    Library,
                >,
                Library,
            >(),
        );
        /// Returns a `message` whose bytes are all zero.
        pub fn zeroed() -> Self {
            ::sandbox::__private::zeroed::<Self, Library>()
        }
    }
    impl ::sandbox::__private::Pointee<Library> for message {
        const C_NAME: &'static ::core::primitive::str = "message";
        type Place = messagePlace;
    }
    impl ::sandbox::__private::Record for message {
        const C_NAME: &'static ::core::primitive::str = "message";
    }
    #[allow(unused_variables)]
    impl ::sandbox::__private::GuestType<Library> for message {
        type Tainted = Self;
        const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
            message::OFFSET_print
                + ::sandbox::__private::layout::size_of::<
                    ::sandbox::TaintedFn<
                        ::sandbox::Variadic<
                            fn(
                                ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                            ) -> ::core::primitive::i32,
                        >,
                        Library,
                    >,
                    Library,
                >(),
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    ::sandbox::__private::layout::max(
                        1,
                        ::sandbox::__private::layout::align_of::<
                            ::core::primitive::i32,
                            Library,
                        >(),
                    ),
                    ::sandbox::__private::layout::align_of::<number, Library>(),
                ),
                ::sandbox::__private::layout::align_of::<
                    ::sandbox::TaintedFn<
                        ::sandbox::Variadic<
                            fn(
                                ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                            ) -> ::core::primitive::i32,
                        >,
                        Library,
                    >,
                    Library,
                >(),
            ),
        );
        const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::max(
            ::sandbox::__private::layout::max(
                ::sandbox::__private::layout::max(
                    1,
                    ::sandbox::__private::layout::align_of::<
                        ::core::primitive::i32,
                        Library,
                    >(),
                ),
                ::sandbox::__private::layout::align_of::<number, Library>(),
            ),
            ::sandbox::__private::layout::align_of::<
                ::sandbox::TaintedFn<
                    ::sandbox::Variadic<
                        fn(
                            ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                        ) -> ::core::primitive::i32,
                    >,
                    Library,
                >,
                Library,
            >(),
        );
        fn decode(
            bytes: &[::core::primitive::u8],
            from: ::sandbox::__private::InstanceId,
        ) -> Self {
            Self {
                kind: ::sandbox::__private::decode_field::<
                    ::core::primitive::i32,
                    Library,
                >(bytes, Self::OFFSET_kind, from),
                anonymous_1: ::sandbox::__private::decode_field::<
                    number,
                    Library,
                >(bytes, Self::OFFSET_anonymous_1, from),
                print: ::sandbox::__private::decode_field::<
                    ::sandbox::TaintedFn<
                        ::sandbox::Variadic<
                            fn(
                                ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                            ) -> ::core::primitive::i32,
                        >,
                        Library,
                    >,
                    Library,
                >(bytes, Self::OFFSET_print, from),
            }
        }
        fn encode(
            value: &Self,
            bytes: &mut [::core::primitive::u8],
            to: &mut ::sandbox::__private::Destination,
        ) -> ::sandbox::Result<()> {
            ::sandbox::__private::encode_field::<
                ::core::primitive::i32,
                Library,
            >(&value.kind, bytes, Self::OFFSET_kind, to)?;
            ::sandbox::__private::encode_field::<
                number,
                Library,
            >(&value.anonymous_1, bytes, Self::OFFSET_anonymous_1, to)?;
            ::sandbox::__private::encode_field::<
                ::sandbox::TaintedFn<
                    ::sandbox::Variadic<
                        fn(
                            ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                        ) -> ::core::primitive::i32,
                    >,
                    Library,
                >,
                Library,
            >(&value.print, bytes, Self::OFFSET_print, to)?;
            ::core::result::Result::Ok(())
        }
    }
    impl ::sandbox::__private::Passed<Library> for message {
        type By = ::sandbox::__private::Indirect;
    }
    impl ::sandbox::__private::GuestResult<Library> for message {
        type Tainted = Self;
        type Return = <::sandbox::__private::Indirect as ::sandbox::__private::Passing<
            Self,
            Library,
        >>::Return;
    }
    impl ::sandbox::IntoGuest<Self, Library> for message {
        fn into_guest(self) -> Self {
            self
        }
    }
    /// A [`message`] behind a tainted pointer: each field as a pointer again. Reads no memory.
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    pub struct messagePlace(::sandbox::__private::RawPtr);
    impl messagePlace {
        /// Points to the field `kind`.
        pub fn kind(&self) -> ::sandbox::TaintedPtr<::core::primitive::i32, Library> {
            ::sandbox::__private::field(self.0, message::OFFSET_kind)
        }
        /// Points to the field `anonymous_1`.
        pub fn anonymous_1(&self) -> ::sandbox::TaintedPtr<number, Library> {
            ::sandbox::__private::field(self.0, message::OFFSET_anonymous_1)
        }
        /// Points to the field `print`.
        pub fn print(
            &self,
        ) -> ::sandbox::TaintedPtr<
            ::sandbox::TaintedFn<
                ::sandbox::Variadic<
                    fn(
                        ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
                    ) -> ::core::primitive::i32,
                >,
                Library,
            >,
            Library,
        > {
            ::sandbox::__private::field(self.0, message::OFFSET_print)
        }
        /// Points to the field `i`.
        pub fn i(&self) -> ::sandbox::TaintedPtr<::core::primitive::i32, Library> {
            self.anonymous_1().fields().i()
        }
        /// Points to the field `d`.
        pub fn d(&self) -> ::sandbox::TaintedPtr<::core::primitive::f64, Library> {
            self.anonymous_1().fields().d()
        }
        /// Points to the field `set_i`.
        pub fn set_i(
            &self,
        ) -> ::sandbox::TaintedPtr<::sandbox::TaintedPtr<packed, Library>, Library> {
            self.anonymous_1().fields().set_i()
        }
    }
    impl ::core::convert::From<::sandbox::__private::RawPtr> for messagePlace {
        fn from(raw: ::sandbox::__private::RawPtr) -> Self {
            Self(raw)
        }
    }
    impl ::core::convert::From<messagePlace> for ::sandbox::__private::RawPtr {
        fn from(fields: messagePlace) -> Self {
            fields.0
        }
    }
    /// The function pointer in field `print` of `message`.
    pub type message_print = ::sandbox::TaintedFn<
        ::sandbox::Variadic<
            fn(
                ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
            ) -> ::core::primitive::i32,
        >,
        Library,
    >;
    /// The C variable `verbosity`.
    pub const verbosity: ::sandbox::Global<::core::primitive::i32, Library> = ::sandbox::Global::new(
        0,
    );
    /// The C variable `names`.
    pub const names: ::sandbox::Global<
        ::sandbox::TaintedPtr<::core::primitive::i8, Library>,
        Library,
    > = ::sandbox::Global::new(1);
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for lib::Library {
    const NAME: &'static ::core::primitive::str = "lib";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[
        "verbosity",
        "real_names",
    ];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<lib::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
