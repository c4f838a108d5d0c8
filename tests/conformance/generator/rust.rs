//! Writes the Rust half.

use super::c::STRIDE;
use super::kinds::{self, Kind, Leaf, Shape};
use super::signatures::{PARAMS, Signature};

/// A module with the library, its kinds as values, and a function for each signature.
pub(crate) fn library(name: &str, signatures: &[Signature]) -> String {
    let values: String = kinds::all().map(value).collect();
    let functions: String = signatures.iter().map(function).collect();
    let list: String = signatures.iter().map(listed).collect();
    format!(
        "#[allow(unused_mut, unused_variables, reason = \"one form for every kind\")]
#[allow(clippy::let_and_return, clippy::identity_op, clippy::unit_arg, clippy::let_unit_value, reason = \"one form for every kind\")]
mod {name}_signatures {{
    use super::*;

    sandbox::include_library!({name});
    use {name} as c;
    type L = c::Library;

{values}
{functions}
    const LIBRARY: Library<L> = Library {{
        begin: |sb, start, step| c::begin(sb, start, step),
        mismatches: |sb| c::mismatches(sb),
        origin: |sb| c::origin(sb),
    }};

    pub(super) const SIGNATURES: &[Signature<L>] = &[
{list}    ];

    #[test]
    fn they_agree() {{
        run(&LIBRARY, SIGNATURES);
    }}

    #[test]
    fn other_values_are_noticed() {{
        notice(&LIBRARY, SIGNATURES);
    }}
}}
"
    )
}

/// A test of the library that has everything.
pub(crate) fn coverage() -> String {
    let kinds = kinds::KINDS.len();
    format!("\n#[test]\nfn every_kind_is_in_every_position() {{\n    run::covered(systematic_signatures::SIGNATURES, {kinds});\n}}\n")
}

/// An entry of the list of signatures.
fn listed(signature: &Signature) -> String {
    let Signature { name, number, params, result } = signature;
    let params: Vec<&str> = params.iter().map(|kind| kind.c).collect();
    format!("        Signature {{ name: \"{name}\", number: {number}, params: &{params:?}, result: {:?}, call: {name} }},\n", result.c)
}

/// Makes a kind a value, if the library declares it.
fn value(kind: &Kind) -> String {
    let tag = kind.tag();
    let (ty, made, same) = match &kind.shape {
        Shape::Scalar(_) | Shape::Void => return String::new(),
        Shape::Enum(leaf) => {
            let leaf = leaf.name();
            let made = format!("c::{tag}(Tainted::<{leaf}, L>::at(source, n).unverified_because(WHY)).into_guest()");
            let same = format!("Tainted::<{leaf}, L>::new(self.unverified_because(WHY).0).is(n)");
            (format!("Tainted<c::{tag}, L>"), made, same)
        }
        Shape::Struct(leaves) => {
            let mut made = format!("let mut value = c::{tag}::zeroed(); ");
            let mut same = String::from("true");
            for (index, (path, _)) in leaves.iter().enumerate() {
                let by = index * STRIDE;
                made.push_str(&format!("value.{path} = Value::at(source, n + {by}); "));
                same.push_str(&format!(" & self.{path}.is(n + {by})"));
            }
            (format!("c::{tag}"), format!("{made}value"), same)
        }
        Shape::Union(path, _) => {
            let made = format!("let mut value = c::{tag}::zeroed(); value.set_{path}(Tainted::at(source, n)).unwrap(); value");
            (format!("c::{tag}"), made, format!("self.{path}().is(n)"))
        }
    };
    format!(
        "    impl Value<L> for {ty} {{\n        fn at(source: Source<L>, n: usize) -> Self {{ {made} }}\n        \
         fn is(&self, n: usize) -> bool {{ {same} }}\n    }}\n"
    )
}

/// The type of a value in Rust.
fn ty(kind: &Kind) -> String {
    match &kind.shape {
        Shape::Scalar(Leaf::Bool) => "Tainted<CBool, L>".to_owned(),
        Shape::Scalar(Leaf::Pointer) => format!("TaintedPtr<{}, L>", if kind.c == "void *" { "Void" } else { "c::pair" }),
        Shape::Scalar(leaf) => format!("Tainted<{}, L>", leaf.name()),
        Shape::Enum(_) => format!("Tainted<c::{}, L>", kind.tag()),
        Shape::Struct(_) | Shape::Union(..) => format!("c::{}", kind.tag()),
        Shape::Void => "()".to_owned(),
    }
}

/// Calls the C function, and lets C call a closure.
fn function(signature: &Signature) -> String {
    let Signature { name, number, params, result } = signature;
    let args: String = params.iter().enumerate().map(|(index, kind)| format!(", v.at::<{}>({index})", ty(kind))).collect();
    // A closure gets no argument for what is passed as nothing.
    let passed: Vec<usize> = (0..params.len()).filter(|index| !params[*index].is_nothing()).collect();
    let given: Vec<String> = passed.iter().map(|index| format!("a{index}")).collect();
    let given = if given.len() == 1 { given.concat() } else { format!("({})", given.join(", ")) };
    let wrong: Vec<String> = passed.iter().map(|index| format!("v.wrong({index}, &a{index})")).collect();
    let wrong = if wrong.is_empty() { "0".to_owned() } else { wrong.join(" | ") };
    let returned = if result.is_nothing() { "()".to_owned() } else { ty(result) };
    format!(
        "    fn {name}(sb: &mut Sandbox<L>, v: Values<L>) -> Outcome {{\n        \
         let result = c::{name}(sb{args})?;\n        \
         v.end(v.wrong({PARAMS}, &result))?;\n        \
         let callback = sb.register_callback::<c::{name}_callback, {returned}>(move |_, {given}| {{\n            \
         v.end({wrong})?;\n            \
         Ok(v.at({PARAMS}))\n        \
         }})?;\n        \
         let place = c::callbacks(sb)?.{name}();\n        \
         sb.write(place, &callback)?;\n        \
         Ok(c::call_back(sb, {number})?)\n    }}\n"
    )
}
