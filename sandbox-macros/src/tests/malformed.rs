//! Whatever the tokens are: bindings or errors, never a panic.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::invocation;

const GOOD: [&str; 5] = [
    include_str!("../../tests/goldens/function.in.rs"),
    include_str!("../../tests/goldens/struct.in.rs"),
    include_str!("../../tests/goldens/enum.in.rs"),
    include_str!("../../tests/goldens/simple.in.rs"),
    include_str!("../../tests/goldens/names.in.rs"),
];

const BAD: [&str; 4] = [
    include_str!("../../tests/goldens/errors/functions.in.rs"),
    include_str!("../../tests/goldens/errors/types.in.rs"),
    include_str!("../../tests/goldens/errors/names.in.rs"),
    include_str!("../../tests/goldens/errors/constants.in.rs"),
];

/// Odd inputs that people could write, and some that only a fuzzer would.
const ODD: &[&str] = &[
    "",
    ";",
    "pub",
    "mod",
    "mod m",
    "mod m;",
    "mod m {} mod n {}",
    "fn f() {}",
    "pub mod _ {}",
    "#[precompiled] mod m {}",
    "#[precompiled()] mod m {}",
    "#[precompiled(unsafe)] mod m {}",
    "#[precompiled(unsafe())] mod m {}",
    "#[precompiled(unsafe(1) + 1)] mod m {}",
    "#[precompiled(unsafe(1, 2))] mod m {}",
    "#![precompiled(unsafe(1))] mod m {}",
    "#[metering] mod m {}",
    "#[metering()] mod m {}",
    "#[metering(fuel, fuel)] mod m {}",
    "#[metering(nothing, fuel)] mod m {}",
    "#[metering(time)] mod m {}",
    "#[metering = 1] mod m {}",
    "#[precompiled(unsafe(1))] #[lines] mod m {}",
    "#[precompiled(unsafe(1))] #[lines()] mod m {}",
    "#[precompiled(unsafe(1))] #[lines(1, 2)] mod m {}",
    "#[precompiled(unsafe(1))] #[lines(1)] #[lines(1)] mod m {}",
    "mod m { #![allow(x)] }",
    "mod m { //! docs\n }",
    "mod m { ; }",
    "mod m { , }",
    "mod m { pub }",
    "mod m { #[x] }",
    "mod m { #[x] ; }",
    "mod m { #[] struct s; }",
    "mod m { const }",
    "mod m { const ; }",
    "mod m { const A: ; }",
    "mod m { const A: u8 = ; }",
    "mod m { const A: u8 = - ; }",
    "mod m { const A: u8 = -true; }",
    "mod m { const A: u8 = 340282366920938463463374607431768211456; }",
    "mod m { const A: i64 = -170141183460469231731687303715884105728; }",
    "mod m { const A: u8 = 1u9; }",
    "mod m { const A: f32 = 1e999; }",
    "mod m { const fn f(); }",
    "mod m { const unsafe fn f(); }",
    "mod m { type t; }",
    "mod m { type t = ; }",
    "mod m { type t = t; }",
    "mod m { type t = fn(t) -> t; }",
    "mod m { type t = Option<t>; }",
    "mod m { type t = Option; }",
    "mod m { type t = Option<>; }",
    "mod m { type t = Option<'static>; }",
    "mod m { type t = Option<extern \"C\" fn(), u8>; }",
    "mod m { type t = <u8 as Trait>::X; }",
    "mod m { type t = a::<u8>::b; }",
    "mod m { type t = dyn Trait; }",
    "mod m { type t = impl Trait; }",
    "mod m { type t = _; }",
    "mod m { type t = m!(); }",
    "mod m { type t = (((u8))); }",
    "mod m { type t = [u8; 99999999999999999999]; }",
    "mod m { type t = [u8; 1u8]; }",
    "mod m { type t = [u8]; }",
    "mod m { type t = for<'a> extern \"C\" fn(&'a u8); }",
    "mod m { type t = extern \"system\" fn(); }",
    "mod m { type t = extern fn(x: u8, ...) -> !; }",
    "mod m { struct }",
    "mod m { struct s }",
    "mod m { struct s( }",
    "mod m { struct s where u8: Copy { x: u8 } }",
    "mod m { struct s { , } }",
    "mod m { struct s { x } }",
    "mod m { struct s { x: } }",
    "mod m { struct s { x: u8 y: u8 } }",
    "mod m { struct s { x: s::s<s> } }",
    "mod m { struct s { _: u8 } }",
    "mod m { struct s { crate: u8, crate_: u8 } }",
    "mod m { #[layout] struct s { x: u8 } }",
    "mod m { #[layout()] struct s { x: u8 } }",
    "mod m { #[layout(size = 1, size = 2)] struct s { x: u8 } }",
    "mod m { #[layout(size = 1u8, align = 0)] struct s { x: u8 } }",
    "mod m { #[layout(size = 99999999999, align = 1)] struct s { x: u8 } }",
    "mod m { struct s { #[offset] x: u8, #[offset(-1)] y: u8, #[offset(0)] #[offset(0)] z: u8 } }",
    "mod m { #[repr(u8)] enum e }",
    "mod m { #[repr(u8)] enum e { A(u8), B { x: u8 }, C = , D = x, E = -1, F = 1u16 } }",
    "mod m { #[repr(u64)] enum e { A = 18446744073709551615, B } }",
    "mod m { #[repr(i64)] enum e { A = -9223372036854775808, B = 0x7fff_ffff_ffff_ffff } }",
    "mod m { #[repr(f32)] enum e { A } }",
    "mod m { #[repr(u8, C)] enum e { A } }",
    "mod m { #[repr] enum e { A } }",
    "mod m { union }",
    "mod m { union u }",
    "mod m { union union { x: u8 } }",
    "mod m { static }",
    "mod m { static mut X: u8; }",
    "mod m { extern }",
    "mod m { extern crate x; }",
    "mod m { extern \"Rust\" {} }",
    "mod m { unsafe extern {} }",
    "mod m { extern \"C\" { ; } }",
    "mod m { extern \"C\" { fn } }",
    "mod m { extern \"C\" { fn; } }",
    "mod m { extern \"C\" { fn f; } }",
    "mod m { extern \"C\" { fn f(; } }",
    "mod m { extern \"C\" { fn f(,); } }",
    "mod m { extern \"C\" { fn f(self); } }",
    "mod m { extern \"C\" { fn f(&self, mut x: u8); } }",
    "mod m { extern \"C\" { fn f(...); fn g(x: ...); } }",
    "mod m { extern \"C\" { fn f() -> ; } }",
    "mod m { extern \"C\" { fn f() -> (); fn g() -> (u8,); fn h(x: !); } }",
    "mod m { extern \"C\" { fn f() where u8: Copy; } }",
    "mod m { extern \"C\" { safe fn f(); type t; m!(); } }",
    "mod m { extern \"C\" { #[link_name] fn f(); #[link_name = 1] fn g(); #[link_name = \"\"] fn h(); } }",
    "mod m { extern \"C\" { fn f() {} } }",
    "mod m { mod n {} }",
    "mod m { use x; }",
    "mod m { impl x {} }",
    "mod m { m! {} }",
    "mod m { macro_rules! x { () => {} } }",
];

#[test]
fn odd_inputs_are_errors() {
    for source in ODD {
        // What is no Rust token at all does not reach a macro.
        let Ok(tokens) = source.parse::<TokenStream>() else { continue };
        let errors = crate::expansion(tokens).err();
        assert!(errors.is_some(), "accepted without `#[precompiled]`: {source}");
    }
}

#[test]
fn every_error_names_something_and_is_not_a_bug() {
    for source in ODD {
        let Ok(tokens) = source.parse::<TokenStream>() else { continue };
        for error in crate::expansion(tokens).expect_err("an error") {
            let message = error.to_string();
            assert!(!message.is_empty() && !message.contains("bug in"), "{source}: {message}");
        }
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let many = |text: &str, count| text.repeat(count);
    let sources = [
        format!("mod m {{ type t = {} u8; }}", many("*mut ", 20_000)),
        format!("mod m {{ const A: u8 = {} 1; }}", many("- ", 20_000)),
        format!("mod m {{ type t = {}u8{}; }}", many("(", 2_000), many(")", 2_000)),
        format!("mod m {{ extern \"C\" {{ fn f() {} u8; }} }}", many("-> extern \"C\" fn() ", 5_000)),
    ];
    for source in sources {
        let error = crate::expansion(source.parse().expect("tokens")).expect_err("an error");
        assert!(error.to_string().contains("too deep"), "{error}");
    }
    let deep_enough = format!("#[precompiled(unsafe(1))] mod m {{ type t = {} u8; }}", many("*mut ", 150));
    assert!(crate::expansion(deep_enough.parse().expect("tokens")).is_ok());
}

/// One declaration after the other is not nesting.
#[test]
fn a_long_module_is_not_a_deep_one() {
    let items = |count| {
        (0..count).map(|n| format!("pub struct s{n} {{ x: u8 }} pub struct o{n}; extern \"C\" {{ fn f{n}(); }}")).collect::<String>()
    };
    let source = format!("#[precompiled(unsafe(1))] mod m {{ {} }}", items(1_000));
    assert!(crate::expansion(source.parse().expect("tokens")).is_ok());
}

#[test]
fn mutations_never_panic() {
    let mut random = Random(0x5eed_1234_abcd_0001);
    let inputs: Vec<TokenStream> = GOOD.iter().chain(&BAD).map(|source| invocation(source)).collect();
    let pool: Vec<TokenTree> = inputs.iter().cloned().flat_map(flatten).collect();
    let mut accepted = 0;
    for input in &inputs {
        for _ in 0..400 {
            let mut tokens = input.clone();
            for _ in 0..=random.below(3) {
                tokens = mutate(tokens, &pool, &mut random);
            }
            if let Ok(expansion) = crate::expansion(tokens.clone()) {
                accepted += 1;
                let read: Result<syn::File, _> = syn::parse2(expansion);
                assert!(read.is_ok(), "accepted, and the expansion is not Rust: {tokens}");
            }
        }
    }
    assert!(accepted > 0, "the mutations are too wild to test anything behind the parser");
}

/// Changes one token somewhere in the tree.
fn mutate(tokens: TokenStream, pool: &[TokenTree], random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    if trees.is_empty() {
        return random.pick(pool).clone().into();
    }
    let at = random.below(trees.len());
    if let TokenTree::Group(group) = &trees[at]
        && random.below(8) != 0
    {
        trees[at] = Group::new(group.delimiter(), mutate(group.stream(), pool, random)).into();
        return trees.into_iter().collect();
    }
    match random.below(7) {
        0 => drop(trees.remove(at)),
        1 => trees.insert(at, random.pick(pool).clone()),
        2 => trees[at] = random.pick(pool).clone(),
        3 => {
            let copy = trees[at].clone();
            trees.insert(at, copy);
        }
        4 => {
            let other = random.below(trees.len());
            trees.swap(at, other);
        }
        5 => {
            let delimiters = [Delimiter::Brace, Delimiter::Bracket, Delimiter::Parenthesis, Delimiter::None];
            let delimiter = *random.pick(&delimiters);
            trees[at] = Group::new(delimiter, trees[at].clone().into()).into();
        }
        _ => trees[at] = strange(random),
    }
    trees.into_iter().collect()
}

/// Tokens that the inputs lack.
fn strange(random: &mut Random) -> TokenTree {
    match random.below(6) {
        0 => Punct::new(*random.pick(&['<', '>', '-', '!', '&', '?', '.', '\'']), *random.pick(&[Spacing::Joint, Spacing::Alone])).into(),
        1 => Literal::u128_unsuffixed(u128::MAX).into(),
        2 => Literal::f64_unsuffixed(0.5).into(),
        3 => Literal::byte_string(b"\0").into(),
        4 => {
            let names = ["self", "_", "Self", "Library", "i128", "union", "Some", "CStr", "c_void"];
            let name = *random.pick::<&str>(&names);
            Ident::new(name, Span::call_site()).into()
        }
        _ => Literal::string("").into(),
    }
}

fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|tree| {
            let inner = match &tree {
                TokenTree::Group(group) => flatten(group.stream()),
                _ => Vec::new(),
            };
            std::iter::once(tree).chain(inner)
        })
        .collect()
}

/// xorshift64*: the same sequence everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
