//! Compiles the inputs of the macro's goldens against the real runtime: text that looks right may still not be.

include!("../../sandbox-macros/tests/goldens/enum.in.rs");
include!("../../sandbox-macros/tests/goldens/function.in.rs");
include!("../../sandbox-macros/tests/goldens/names.in.rs");
include!("../../sandbox-macros/tests/goldens/simple.in.rs");
include!("../../sandbox-macros/tests/goldens/struct.in.rs");

/// A golden that is not in the list above would be text alone.
#[test]
fn every_golden_is_compiled() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox-macros/tests/goldens");
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
    assert_eq!(layout::<r#mod::boxed, r#mod::Library>(), (3, 1));
}
