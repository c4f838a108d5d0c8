//! Compiles the inputs of the macro's goldens against the real runtime: text that looks right may still not be.

#![allow(unsafe_code, reason = "a library without code, which nobody runs")]

include!("../../../sandbox-macros/tests/goldens/enum.in.rs");
include!("../../../sandbox-macros/tests/goldens/function.in.rs");
include!("../../../sandbox-macros/tests/goldens/layout.in.rs");
include!("../../../sandbox-macros/tests/goldens/names.in.rs");
include!("../../../sandbox-macros/tests/goldens/simple.in.rs");
include!("../../../sandbox-macros/tests/goldens/struct.in.rs");

/// A golden that is not in the list above would be text alone.
#[test]
fn every_golden_is_compiled() {
    let folder = std::path::Path::new("../sandbox-macros/tests/goldens");
    for entry in std::fs::read_dir(folder).expect("the folder of goldens") {
        let name = entry.expect("readable").file_name().into_string().expect("an ASCII name");
        if name.ends_with(".in.rs") {
            assert!(include_str!("goldens.rs").contains(&format!("goldens/{name}\"")), "{name} is not compiled here");
        }
    }
}

#[test]
fn layout_is_that_of_c_on_wasm32() {
    use sandbox::GuestType;
    fn layout<T: GuestType<L>, L>() -> (u32, u32) {
        (T::SIZE, T::ALIGN)
    }
    assert_eq!(layout::<shapes::point, shapes::Library>(), (24, 4));
    assert_eq!(layout::<simple::holder, simple::Library>(), (20, 4));
    assert_eq!(layout::<colors::color, colors::Library>(), (4, 4));
    assert_eq!(layout::<lib::packed, lib::Library>(), (7, 1));
    assert_eq!(layout::<lib::number, lib::Library>(), (8, 8));
    assert_eq!(layout::<lib::message, lib::Library>(), (24, 8));
    assert_eq!(layout::<r#mod::boxed, r#mod::Library>(), (3, 1));
}

/// What users write with the bindings: compiled, not run.
#[allow(dead_code, reason = "compiling it is the test")]
mod uses {
    use super::{colors, lib, r#mod, shapes, simple, zlib};
    use sandbox::{Result, Sandbox, Tainted, TaintedPtr, null};

    fn functions(sb: &mut Sandbox<zlib::Library>, data: TaintedPtr<u8, zlib::Library>) -> Result<()> {
        let sum: Tainted<u32, zlib::Library> = zlib::crc32(sb, 0, data, 4)?;
        zlib::crc32(sb, sum, null(), 0)?;
        let _: TaintedPtr<sandbox::Void, zlib::Library> = zlib::wide(sb, -1, 0.5, true)?;
        let never: std::convert::Infallible = zlib::fail(sb, 1)?;
        match never {}
    }

    fn structs(sb: &mut Sandbox<shapes::Library>, point: TaintedPtr<shapes::point, shapes::Library>) -> Result<()> {
        let _: TaintedPtr<u8, _> = point.tag();
        let next: TaintedPtr<TaintedPtr<shapes::point, _>, _> = point.next();
        let next: TaintedPtr<shapes::point, _> = sb.read(next)?;
        let mut copy: shapes::point = sb.read(next)?;
        copy.tag = 7.into();
        copy.xyz[2] = 0.5.into();
        sb.write(point, copy)?;
        sb.write(point, shapes::point::zeroed())
    }

    fn layouts(sb: &mut Sandbox<lib::Library>, message: TaintedPtr<lib::message, lib::Library>) -> Result<()> {
        let _: TaintedPtr<i32, _> = message.i();
        let mut copy = sb.read(message)?;
        let _: Tainted<f64, _> = copy.anonymous_1.d();
        copy.anonymous_1.set_d(0.5)?;
        sb.write(message, copy)?;
        let packed: TaintedPtr<lib::packed, _> = sb.read(message.set_i())?;
        sb.write_bits(packed.flag(), lib::ON)?;
        let _: Tainted<u32, _> = sb.read_bits(packed.low())?;
        let _: TaintedPtr<i16, _> = packed.tail().add(3);
        sb.write(sb.global(lib::verbosity)?, 2)
    }

    fn enums(sb: &mut Sandbox<colors::Library>) -> Result<colors::color> {
        let mixed = colors::mix(sb, colors::RED, null())?;
        Ok(mixed.unverified_because("this function is not run"))
    }

    fn a_field_with_the_name_of_a_pointer_method(place: TaintedPtr<r#mod::boxedPlace, r#mod::Library>) {
        let _: TaintedPtr<i32, _> = place.fields().add();
        let _: TaintedPtr<r#mod::boxedPlace, _> = place.add(1);
    }

    fn typedefs(sb: &Sandbox<simple::Library>, holder: TaintedPtr<simple::holder, simple::Library>) -> Result<()> {
        let _: [Tainted<simple::uInt, _>; 2] = sb.read(holder.both())?;
        let _: simple::handler = sb.read(holder.handler())?;
        let _: TaintedPtr<simple::internal_state, _> = sb.read(holder.state())?;
        Ok(())
    }

    /// C's names that are keywords in Rust.
    fn names(sb: &mut Sandbox<r#mod::Library>) -> Result<()> {
        r#mod::r#match(sb, 1, 2, 3, r#mod::bytes, 4, null(), 5, 6)
    }
}
