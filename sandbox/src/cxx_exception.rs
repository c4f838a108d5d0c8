//! Names the type of a C++ exception that nothing in the guest caught.
//!
//! What is thrown is the address of an object that the guest has made, and may have falsified. Each address is checked before it is followed,
//! the name has a limit and an alphabet, and where anything is odd there is no name.

use wasmtime::{AsContext, AsContextMut, RootScope, StoreContextMut, Tag, Val};

use crate::memory::slice;
use crate::state::State;

/// The tag of C++ exceptions, by the name that LLVM gives it. (Wasm tool conventions, `EHScheme.md`.)
const TAG: &str = "__cpp_exception";

/// The `exception_class` of libc++abi's exceptions: "CLNGC++" and a zero. (`cxa_exception.h`)
const CLASS: [u8; 8] = 0x434c_4e47_432b_2b00_u64.to_le_bytes();

/// How far before the thrown address, which is that of the unwinder's header, the pointer to the `std::type_info` is, in bytes.
const TYPE_BEFORE_HEADER: u32 = 48;

/// Where in a `std::type_info`, behind the pointer to its methods, the pointer to the name is, in bytes.
const NAME_IN_TYPE: u32 = 4;

/// The longest name that is taken, in bytes.
const LONGEST: usize = 200;

/// What was thrown, and nobody caught.
pub(crate) enum Thrown {
    /// A `longjmp`, or an exception of another language.
    Other,
    /// A C++ exception, with the name of its type if that can be read.
    Cxx(Option<Box<str>>),
}

/// Takes the exception that ended a call.
pub(crate) fn take(store: &mut StoreContextMut<'_, State>) -> Thrown {
    let mut scope = RootScope::new(&mut *store);
    let Some(exception) = scope.as_context_mut().take_pending_exception() else { return Thrown::Other };
    let Some(tag) = tag(&mut scope.as_context_mut()) else { return Thrown::Other };
    match exception.tag(&mut scope) {
        Ok(thrown) if Tag::eq(&thrown, &tag, &scope) => {}
        _ => return Thrown::Other,
    }
    let Ok(Val::I32(header)) = exception.field(&mut scope, 0) else { return Thrown::Cxx(None) };
    let store = scope.as_context();
    let name = store.data().live().ok().and_then(|live| type_name(live.memory.data(&store), header.cast_unsigned()));
    Thrown::Cxx(name.map(|name| readable(&name).unwrap_or(name).into()))
}

fn tag(store: &mut StoreContextMut<'_, State>) -> Option<Tag> {
    let instance = store.data().live().ok()?.instance;
    instance.get_export(store, TAG)?.into_tag()
}

/// Follows the pointers from the unwinder's header to the type's name, as the compiler has mangled it.
fn type_name(memory: &[u8], header: u32) -> Option<String> {
    if slice(memory, header, 8).ok()? != CLASS {
        return None;
    }
    let type_info = word(memory, header.checked_sub(TYPE_BEFORE_HEADER)?)?;
    let name = word(memory, type_info.checked_add(NAME_IN_TYPE)?)?;
    let bytes = memory.get(usize::try_from(name).ok()?..)?;
    let length = bytes.iter().take(LONGEST).position(|byte| *byte == 0)?;
    let name = bytes.get(..length)?;
    let plain = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    plain.then(|| name.iter().copied().map(char::from).collect())
}

fn word(memory: &[u8], address: u32) -> Option<u32> {
    slice(memory, address, 4).ok()?.first_chunk::<4>().copied().map(u32::from_le_bytes)
}

/// Writes a mangled name as in the source, if it is that of a class or of a type that programs throw for want of one. (Itanium C++ ABI, 5.1.5.)
fn readable(mangled: &str) -> Option<String> {
    let known = match mangled {
        "i" => "int",
        "j" => "unsigned int",
        "b" => "bool",
        "c" => "char",
        "d" => "double",
        "PKc" => "const char *",
        "Pc" => "char *",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known.to_owned());
    }
    let nested = mangled.strip_prefix('N').and_then(|rest| rest.strip_suffix('E'));
    let rest = nested.unwrap_or(mangled);
    let (mut parts, mut rest) = match rest.strip_prefix("St") {
        Some(rest) => (vec!["std"], rest),
        None => (Vec::new(), rest),
    };
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (length, tail) = rest.split_at_checked(digits)?;
        let (part, tail) = tail.split_at_checked(length.parse().ok().filter(|length| *length > 0)?)?;
        // As compilers call a namespace without a name.
        parts.push(if part == "_GLOBAL__N_1" { "(anonymous namespace)" } else { part });
        rest = tail;
    }
    Some(parts.join("::"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;

    /// A memory with an exception whose header is at 64, its type at 128 and the type's name at 160.
    fn thrown(name: &[u8]) -> Vec<u8> {
        let mut memory = vec![0; 1024];
        memory[64..72].copy_from_slice(&CLASS);
        memory[16..20].copy_from_slice(&128_u32.to_le_bytes());
        memory[132..136].copy_from_slice(&160_u32.to_le_bytes());
        memory[160..160 + name.len()].copy_from_slice(name);
        memory
    }

    #[test]
    fn the_name_of_a_type_is_found() {
        assert_eq!(type_name(&thrown(b"St13runtime_error"), 64).unwrap(), "St13runtime_error");
    }

    #[test]
    fn whatever_is_odd_has_no_name() {
        for name in [&b""[..], b"\x1b[2J", b"a b", b"a-b", &[0xff], &[b'a'; LONGEST]] {
            assert_eq!(type_name(&thrown(name), 64), None, "{name:?}");
        }
        for header in [0, 1, 47, 1017, 1024, u32::MAX - 7, u32::MAX] {
            assert_eq!(type_name(&thrown(b"i"), header), None, "{header}");
        }
        for (at, lie) in [(16, 0_u32), (16, 1021), (16, u32::MAX), (16, u32::MAX - 4), (132, 0), (132, 1024), (132, u32::MAX), (64, 1)] {
            let mut memory = thrown(b"i");
            memory[at..at + 4].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(type_name(&memory, 64), None, "{at}: {lie:#x}");
        }
        assert_eq!(type_name(&[], 64), None);
    }

    #[test]
    fn a_name_that_ends_with_memory_is_none() {
        let mut memory = thrown(b"");
        memory[132..136].copy_from_slice(&1020_u32.to_le_bytes());
        memory[1020..].fill(b'a');
        assert_eq!(type_name(&memory, 64), None);
    }

    #[test]
    fn names_are_readable() {
        for (mangled, name) in [
            ("St13runtime_error", Some("std::runtime_error")),
            ("5Error", Some("Error")),
            ("N2ns5ErrorE", Some("ns::Error")),
            ("NSt3__14fooE", None),
            ("NSt3__112bad_weak_ptrE", Some("std::__1::bad_weak_ptr")),
            ("N12_GLOBAL__N_15ErrorE", Some("(anonymous namespace)::Error")),
            ("i", Some("int")),
            ("PKc", Some("const char *")),
            ("0", None),
            ("99999999999999999999a", None),
            ("9a", None),
            ("a", None),
        ] {
            assert_eq!(readable(mangled).as_deref(), name, "{mangled}");
        }
    }
}
