//! All that the expansion of `sandbox::library!` may name. Not for people, and not covered by any promise.

pub use crate::abi::{
    BitType, Bits, Destination, GuestEnum, GuestScalar, GuestType, InstanceId, UnionBytes, Wasm, bits_field, decode_bits, decode_field,
    encode_bits, encode_field, enum_debug, enum_decode, enum_encode, field, layout, zeroed,
};
pub use crate::abi::{GuestResult, Indirect, Passed, Passing, Single};
pub use crate::call::{call, call_noreturn};
pub use crate::module::{FunctionDecl, Library, ModuleCell};
pub use crate::precompiled::Precompiled;
pub use crate::tainted::{NoFields, Pointee, RawPtr};
pub use crate::verify::Record;
pub use crate::verify::relation::{Exact, Related, differs};
pub use crate::verify::{elements as verify_elements, field as verify_field, nested as verify_nested, release};
pub use sandbox_engine::Metering;
