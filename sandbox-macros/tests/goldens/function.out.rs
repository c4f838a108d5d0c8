/// The C library `zlib`, in a sandbox.
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
pub mod zlib {
    /// The marker type of the C library `zlib`: brands its sandboxes and its tainted values.
    #[derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::hash::Hash
    )]
    pub struct Library;
    #[cfg_attr(not(doctest), doc = " Updates a running CRC-32.")]
    pub fn crc32(
        sandbox: &mut impl ::sandbox::AsSandboxMut<Library>,
        crc: impl ::sandbox::IntoGuest<::core::primitive::u32, Library>,
        buf: impl ::sandbox::IntoGuest<
            ::sandbox::TaintedPtr<::core::primitive::u8, Library>,
            Library,
        >,
        len: impl ::sandbox::IntoGuest<::core::primitive::u32, Library>,
    ) -> ::sandbox::Result<::sandbox::Tainted<::core::primitive::u32, Library>> {
        ::sandbox::__private::call::<
            Library,
            (
                ::core::primitive::u32,
                ::sandbox::TaintedPtr<::core::primitive::u8, Library>,
                ::core::primitive::u32,
            ),
            ::core::primitive::u32,
        >(
            ::sandbox::AsSandboxMut::as_sandbox_mut(sandbox),
            0,
            (
                ::sandbox::IntoGuest::into_guest(crc),
                ::sandbox::IntoGuest::into_guest(buf),
                ::sandbox::IntoGuest::into_guest(len),
            ),
        )
    }
    /// The C function `renamed`.
    pub fn renamed(
        sandbox: &mut impl ::sandbox::AsSandboxMut<Library>,
    ) -> ::sandbox::Result<()> {
        ::sandbox::__private::call::<
            Library,
            (),
            (),
        >(::sandbox::AsSandboxMut::as_sandbox_mut(sandbox), 1, ())
    }
    /// The C function `wide`.
    pub fn wide(
        sandbox: &mut impl ::sandbox::AsSandboxMut<Library>,
        a: impl ::sandbox::IntoGuest<::core::primitive::i64, Library>,
        b: impl ::sandbox::IntoGuest<::core::primitive::f64, Library>,
        c: impl ::sandbox::IntoGuest<::sandbox::CBool, Library>,
    ) -> ::sandbox::Result<::sandbox::TaintedPtr<::sandbox::Void, Library>> {
        ::sandbox::__private::call::<
            Library,
            (::core::primitive::i64, ::core::primitive::f64, ::sandbox::CBool),
            ::sandbox::TaintedPtr<::sandbox::Void, Library>,
        >(
            ::sandbox::AsSandboxMut::as_sandbox_mut(sandbox),
            2,
            (
                ::sandbox::IntoGuest::into_guest(a),
                ::sandbox::IntoGuest::into_guest(b),
                ::sandbox::IntoGuest::into_guest(c),
            ),
        )
    }
    /// The C function `fail`.
    pub fn fail(
        sandbox: &mut impl ::sandbox::AsSandboxMut<Library>,
        code: impl ::sandbox::IntoGuest<::core::primitive::i32, Library>,
    ) -> ::sandbox::Result<::core::convert::Infallible> {
        ::sandbox::__private::call_noreturn::<
            Library,
            (::core::primitive::i32,),
        >(
            ::sandbox::AsSandboxMut::as_sandbox_mut(sandbox),
            3,
            (::sandbox::IntoGuest::into_guest(code),),
        )
    }
    /// The functions as values: `sb.fn_ptr(…)` gives the address of one.
    pub mod functions {
        #[allow(unused_imports)]
        use super::*;
        pub const crc32: ::sandbox::Function<
            fn(
                ::core::primitive::u32,
                ::sandbox::TaintedPtr<::core::primitive::u8, Library>,
                ::core::primitive::u32,
            ) -> ::core::primitive::u32,
            Library,
        > = ::sandbox::Function::new(0);
        pub const renamed: ::sandbox::Function<fn(), Library> = ::sandbox::Function::new(
            1,
        );
        pub const wide: ::sandbox::Function<
            fn(
                ::core::primitive::i64,
                ::core::primitive::f64,
                ::sandbox::CBool,
            ) -> ::sandbox::TaintedPtr<::sandbox::Void, Library>,
            Library,
        > = ::sandbox::Function::new(2);
        pub const fail: ::sandbox::Function<fn(::core::primitive::i32), Library> = ::sandbox::Function::new(
            3,
        );
    }
}
#[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
impl ::sandbox::__private::Library for zlib::Library {
    const NAME: &'static ::core::primitive::str = "zlib";
    const PRECOMPILED: ::sandbox::__private::Precompiled = unsafe {
        ::sandbox::__private::Precompiled::trusted(&[])
    };
    const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[
        ::sandbox::__private::FunctionDecl::new(
            "crc32",
            "crc32",
            &[
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
                ::sandbox::__private::Wasm::I32,
            ],
            ::core::option::Option::Some(::sandbox::__private::Wasm::I32),
            &["crc", "buf", "len"],
        ),
        ::sandbox::__private::FunctionDecl::new(
            "real_export",
            "renamed",
            &[],
            ::core::option::Option::None,
            &[],
        ),
        ::sandbox::__private::FunctionDecl::new(
            "wide",
            "wide",
            &[
                ::sandbox::__private::Wasm::I64,
                ::sandbox::__private::Wasm::F64,
                ::sandbox::__private::Wasm::I32,
            ],
            ::core::option::Option::Some(::sandbox::__private::Wasm::I32),
            &["a", "b", "c"],
        ),
        ::sandbox::__private::FunctionDecl::new(
            "fail",
            "fail",
            &[::sandbox::__private::Wasm::I32],
            ::core::option::Option::None,
            &["code"],
        ),
    ];
    const GLOBALS: &'static [&'static ::core::primitive::str] = &[];
    fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
        static CELL: ::sandbox::__private::ModuleCell<zlib::Library> = ::sandbox::__private::ModuleCell::new();
        &CELL
    }
}
