//! Asks the C compiler whether the bindings tell the truth.
//!
//! For every bound record the size, the alignment, each offset and the size of each field are asserted, for typedefs and enums
//! the size, for enumerators the value, with the compiler and the flags of the library.

use crate::Error;
use crate::bindings::ir::{Enum, FieldKind, Record, ScalarKind, Ty, TypeItem};
use crate::bindings::measure::Spellings;
use crate::bindings::select::{Form, Selection};
use crate::probe::{Probe, Questions};

/// Checks every layout.
pub(crate) fn check(probe: &Probe<'_>, spellings: &Spellings, selection: &Selection<'_>) -> Result<(), Error> {
    let mut file = probe.questions();
    // Says so if a flag changed it: the bindings pass a char sign-extended.
    file.line("_Static_assert((char)-1 < 0, \"plain char is signed, as the bindings say\");");
    for (name, form) in &selection.types {
        match (selection.declarations.find(name), form) {
            (Some(TypeItem::Record(record)), Some(Form::Plain)) => {
                // An anonymous union has none; its members are asserted as those of the struct around it.
                if let Some(spelling) = spellings.get(name) {
                    assert_record(&mut file, selection, record, spelling);
                }
            }
            (Some(TypeItem::Enum(enumeration)), _) => {
                if let Some(spelling) = spellings.get(name) {
                    assert_enum(&mut file, enumeration, spelling);
                }
            }
            (Some(TypeItem::Alias(alias)), _) => {
                // `sizeof` a function type means nothing.
                let function = matches!(selection.declarations.resolve(&alias.ty), Ty::Function(_));
                if let (Some((size, _)), false) = (selection.declarations.layout(&alias.ty), function) {
                    let c_name = &alias.c_name;
                    file.line(&format!("_Static_assert(sizeof({c_name}) == {size}, \"size of {c_name}\");"));
                }
            }
            _ => {}
        }
    }
    for variable in &selection.variables {
        if let Some((size, _)) = selection.declarations.layout(&variable.ty).filter(|(size, _)| *size > 0) {
            let name = &variable.name;
            file.line(&format!("_Static_assert(sizeof({name}) == {size}, \"size of {name}\");"));
        }
    }
    probe.require(&file, "layout.i")
}

fn assert_record(file: &mut Questions, selection: &Selection<'_>, record: &Record, spelling: &str) {
    let name = &record.name;
    if let (Some(size), Some(align)) = (record.size, record.align) {
        file.line(&format!("_Static_assert(sizeof({spelling}) == {size}, \"size of {name}\");"));
        file.line(&format!("_Static_assert(_Alignof({spelling}) == {align}, \"alignment of {name}\");"));
    }
    assert_fields(file, selection, record, spelling, 0);
}

/// Asserts the fields of a record that begins `base` bytes inside of what C spells `spelling`. Bit-fields were measured.
fn assert_fields(file: &mut Questions, selection: &Selection<'_>, record: &Record, spelling: &str, base: u64) {
    for field in record.fields.iter().filter(|field| field.kind != FieldKind::BitField) {
        let Some(offset) = field.offset.map(|offset| base + offset) else { continue };
        let member = &field.name;
        if field.kind == FieldKind::Anonymous {
            if let Ty::Named(inner) = &field.ty
                && let Some(TypeItem::Record(inner)) = selection.declarations.find(inner)
            {
                assert_fields(file, selection, inner, spelling, offset);
            }
            continue;
        }
        file.line(&format!(
            "_Static_assert(__builtin_offsetof({spelling}, {member}) == {offset}, \"offset of {member} in {}\");",
            record.name
        ));
        if let (FieldKind::Plain, Some((size, _))) = (field.kind, selection.declarations.layout(&field.ty)) {
            file.line(&format!("_Static_assert(sizeof((({spelling}*)0)->{member}) == {size}, \"size of {member} in {}\");", record.name));
        }
    }
}

fn assert_enum(file: &mut Questions, enumeration: &Enum, spelling: &str) {
    let name = &enumeration.name;
    file.line(&format!("_Static_assert(sizeof({spelling}) == {}, \"size of {name}\");", enumeration.repr.size));
    let sign = if enumeration.repr.kind == ScalarKind::Signed { "<" } else { ">" };
    if !enumeration.variants.is_empty() {
        file.line(&format!("_Static_assert(({spelling})-1 {sign} 0, \"sign of {name}\");"));
    }
    for variant in &enumeration.variants {
        let number = int_literal(variant.value);
        file.line(&format!("_Static_assert({} == {number}, \"value of {}\");", variant.name, variant.name));
    }
}

fn int_literal(number: i128) -> String {
    if number == i128::from(i64::MIN) {
        // C has no negative literals, and the positive one does not fit.
        return "(-9223372036854775807LL-1)".to_owned();
    }
    let suffix = if number > i128::from(i64::MAX) {
        "ULL"
    } else if i32::try_from(number).is_ok() {
        ""
    } else {
        "LL"
    };
    format!("({number}{suffix})")
}
