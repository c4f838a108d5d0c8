//! Functions, variables, typedefs and constants of a random header.

use std::fmt::Write as _;

use super::model::Header;
use super::random::Random;

/// What a value can be, with its name in place of `@`.
const SCALARS: [&str; 22] = [
    "char @",
    "signed char @",
    "unsigned char @",
    "short @",
    "unsigned short @",
    "int @",
    "unsigned @",
    "long @",
    "unsigned long @",
    "long long @",
    "unsigned long long @",
    "int8_t @",
    "uint16_t @",
    "int32_t @",
    "uint64_t @",
    "size_t @",
    "ptrdiff_t @",
    "uintptr_t @",
    "bool @",
    "float @",
    "double @",
    "long double @",
];

const POINTERS: [&str; 16] = [
    "void *@",
    "const void *@",
    "const char *@",
    "char **@",
    "const char *const *@",
    "int *restrict @",
    "volatile unsigned short *@",
    "double **@",
    "int (*@)[4]",
    "const short (*@)[2][3]",
    "struct hidden *@",
    "const struct hidden *const @",
    "void (*@)(void)",
    "int (*@)(const void *, long long, ...)",
    "float (*(*@)(int))(double)",
    "void *(**@)(size_t)",
];

/// The types that C makes pointers of, where they are parameters.
const ADJUSTED: [&str; 6] = ["int @[4]", "const char @[]", "double @[static 2]", "short @[][3]", "int @(int)", "char *const @[]"];

/// Declares what a header has besides its records.
pub(super) fn declarations(header: &Header, number: u32) -> String {
    let mut choice = Choice { random: Random::new(u64::from(number) ^ 0x5eed_0000_0000), header, constants: Vec::new(), types: Vec::new() };
    // Declared first in a parameter, it would be another one in each function.
    let mut out = String::from("struct hidden;\n");
    for index in 0..choice.random.between(1, 3) {
        choice.typedef(index, &mut out);
    }
    for index in 0..choice.random.between(2, 6) {
        choice.constant(index, &mut out);
    }
    for index in 0..choice.random.between(2, 5) {
        choice.function(index, &mut out);
    }
    for index in 0..choice.random.between(0, 2) {
        choice.variable(index, &mut out);
    }
    out
}

struct Choice<'a> {
    random: Random,
    header: &'a Header,
    /// The names of integer constants so far.
    constants: Vec<String>,
    /// The names of typedefs so far, and whether each is a function's.
    types: Vec<(String, bool)>,
}

impl Choice<'_> {
    fn name(&self, what: &str, index: u32) -> String {
        format!("{}_{what}{index}", self.header.name)
    }

    /// A type with an `@` for what it declares, of a value that can be assigned.
    fn ty(&mut self) -> String {
        match self.random.between(1, 100) {
            1..=40 => (*self.random.pick(&SCALARS)).to_owned(),
            41..=62 => (*self.random.pick(&POINTERS)).to_owned(),
            63..=70 => format!("{} @", self.record()),
            71..=84 => {
                let qualifier = if self.random.chance(40) { "const " } else { "" };
                format!("{qualifier}{} *@", self.record())
            }
            85..=91 if !self.header.enums.is_empty() => {
                let name = &self.random.pick(&self.header.enums).name;
                let pointer = if self.random.chance(20) { "*" } else { "" };
                format!("enum {name} {pointer}@")
            }
            _ => match self.random.pick(&[&[("int".to_owned(), false)][..], &self.types].concat()) {
                (name, true) => format!("{name} *@"),
                (name, false) => format!("{name} @"),
            },
        }
    }

    fn record(&mut self) -> String {
        self.random.pick(&self.header.records).spelling()
    }

    fn params(&mut self) -> String {
        if self.random.chance(12) {
            return "void".to_owned();
        }
        let mut params = Vec::new();
        for index in 0..self.random.between(1, 6) {
            let ty = match self.random.between(1, 100) {
                1..=10 => (*self.random.pick(&ADJUSTED)).to_owned(),
                11..=16 => format!("const {}", self.random.pick(&SCALARS)),
                17..=19 => format!("{} @[2]", self.record()),
                _ => self.ty(),
            };
            let name = if self.random.chance(75) { format!("p{index}") } else { String::new() };
            params.push(ty.replace('@', &name).trim_end().to_owned());
        }
        if self.random.chance(10) {
            params.push("...".to_owned());
        }
        params.join(", ")
    }

    fn function(&mut self, index: u32, out: &mut String) {
        let (name, params) = (self.name("f", index), self.params());
        let declared = format!("{name}({params})");
        let line = match self.random.between(1, 100) {
            1..=18 => format!("void {declared};"),
            19..=22 => format!("_Noreturn void {declared};"),
            // A function that returns a pointer to a function, and one that returns a pointer to an
            // array.
            23..=27 => format!("int (*{declared})(short, char *);"),
            28..=31 => format!("const int (*{declared})[5];"),
            32..=40 => format!("static inline int {name}(int a, const char *b) {{ return a + *b; }}"),
            41..=43 => {
                let record = self.record();
                format!("static inline {record} *{name}({record} *a, double b) {{ return b > 0 ? a : 0; }}")
            }
            _ => self.ty().replace('@', &declared) + ";",
        };
        let _ = writeln!(out, "{line}");
    }

    fn typedef(&mut self, index: u32, out: &mut String) {
        let (mut name, mut is_function) = (self.name("t", index), false);
        let ty = match self.random.between(1, 100) {
            1..=25 => {
                is_function = true;
                name = self.name("CB", index);
                let params = self.params();
                format!("int @({params})")
            }
            26..=40 => {
                name = self.name("array", index);
                format!("{} @[{}]", self.random.pick(&["int", "double", "uint8_t", "void *"]), self.random.between(1, 5))
            }
            41..=50 => format!("struct {{ int a; {} b; }} *@", self.random.pick(&["char", "double", "long long", "void *"])),
            _ => self.ty(),
        };
        let _ = writeln!(out, "typedef {};", ty.replace('@', &name));
        // An array as a parameter would be a pointer, which is tried elsewhere.
        if !name.contains("array") {
            self.types.push((name, is_function));
        }
    }

    fn variable(&mut self, index: u32, out: &mut String) {
        let name = self.name("v", index);
        let line = match self.random.between(1, 100) {
            1..=20 => format!("extern const {} {name}[];", self.random.pick(&["int", "char", "double", "struct hidden *"])),
            21..=35 => {
                let (a, b) = (self.random.next() as i32, self.random.between(0, 9));
                format!("static const {} {name}[2] = {{ {a}, {b} }};", self.random.pick(&["int", "long long", "float"]))
            }
            36..=50 => {
                let value = self.integer(2);
                format!("static const {} {name} = (int)({value});", self.random.pick(&["int", "short", "unsigned", "long long", "bool"]))
            }
            51..=60 => format!("static const char {name}[] = \"text {index}\";"),
            61..=70 => format!("static const char *const {name} = \"text {index}\";"),
            _ => format!("extern {};", self.ty().replace('@', &name)),
        };
        let _ = writeln!(out, "{line}");
    }

    fn constant(&mut self, index: u32, out: &mut String) {
        let name = self.name("K", index);
        let mut is_integer = false;
        let text = match self.random.between(1, 100) {
            1..=50 => {
                is_integer = true;
                let depth = self.random.between(0, 3);
                let value = self.integer(depth);
                if self.random.chance(70) { format!("({value})") } else { value }
            }
            51..=62 => self.float(),
            63..=74 => self.text(),
            75..=84 => {
                let value = self.integer(1);
                let _ = writeln!(out, "enum {{ {name} = (int)({value}), {name}_next }};");
                self.constants.push(name);
                return;
            }
            85..=88 => "((void *)0)".to_owned(),
            89..=91 => "{ 1, 2 }".to_owned(),
            92..=93 => "L\"wide\"".to_owned(),
            94..=95 => "1.5L".to_owned(),
            96..=97 => "(__LINE__ + 1)".to_owned(),
            98 => "__attribute__((unused))".to_owned(),
            99 => "do { } while (0)".to_owned(),
            _ => String::new(),
        };
        let _ = writeln!(out, "#define {name} {text}");
        if is_integer {
            self.constants.push(name);
        }
    }

    /// An integer constant expression, of which no part overflows a signed type or divides by zero.
    fn integer(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.literal();
        }
        let (a, b) = (self.integer(depth - 1), self.literal());
        match self.random.between(1, 12) {
            1 => format!("({a} ^ {b})"),
            2 => format!("({a} & {b})"),
            3 => format!("({a} | {b})"),
            4 => format!("(1u << {} | {b})", self.random.between(0, 31)),
            5 => format!("(1ULL << {})", self.random.between(0, 63)),
            6 => format!("({a} < {b})"),
            7 => format!("({a} ? {b} : 3)"),
            8 => format!("(({})({a}))", self.random.pick(&["uint8_t", "short", "int", "unsigned", "long long", "size_t", "char", "bool"])),
            9 => format!("(~{a})"),
            10 => format!("((unsigned long long)({a}) / {})", self.random.between(1, 9)),
            11 => format!("sizeof({})", self.record()),
            _ => format!("(!{a} == {b})"),
        }
    }

    fn literal(&mut self) -> String {
        let value = match self.random.between(1, 10) {
            1..=4 => u64::from(self.random.between(0, 300)),
            5..=6 => u64::from(self.random.next() as u32),
            7 => self.random.next() >> 1,
            8 => return (*self.random.pick(&["'a'", "'\\n'", "'\\377'", "'\\x7f'", "'\\\\'"])).to_owned(),
            9 if !self.constants.is_empty() => return self.random.pick(&self.constants).clone(),
            _ => *self.random.pick(&[0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_ffff_ffff]),
        };
        let suffix = self.random.pick(&["", "", "", "U", "L", "UL", "LL", "ULL", "u"]);
        match self.random.between(1, 6) {
            1 => format!("0x{value:x}{suffix}"),
            2 => format!("0{value:o}{suffix}"),
            3 if value < 1 << 31 && !suffix.contains(['U', 'u']) => format!("-{value}{suffix}"),
            _ => format!("{value}{suffix}"),
        }
    }

    fn float(&mut self) -> String {
        let (whole, part) = (self.random.between(0, 5000), self.random.between(0, 999));
        match self.random.between(1, 6) {
            1 => format!("{whole}.{part}"),
            2 => format!("{whole}.{part}f"),
            3 => format!("-{whole}e-3f"),
            4 => format!("({whole} * 1.5e{})", self.random.between(0, 300)),
            5 => format!("0x1.{part}p{}", self.random.between(0, 60)),
            _ => format!("((float){whole} / {})", part + 1),
        }
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 9] = ["a", "\\n", "\\x41\" \"", "\\101", "ä", "\\\\", "\\\"", "{}", "%s"];
        let mut text = String::from("\"");
        for _ in 0..self.random.between(0, 5) {
            text.push_str(self.random.pick::<&str>(&PARTS));
        }
        text + "\""
    }
}
