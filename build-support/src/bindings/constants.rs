//! Asks the C compiler for the value and the type of each constant.
//!
//! A macro is what the preprocessor makes of its name, where all headers have been read. That is
//! asked about as an expression: whether it is one, of which class, and whether it is constant.
//! Then the constants are compiled into a variable, and its bytes are the values.

use std::collections::HashSet;
use std::ffi::CString;

use crate::Error;
use crate::bindings::ir::{Const, Declarations, Kind, Value};
use crate::preprocess::{HEADERS, Macro, Places, expand};
use crate::probe::{ASSERTION_FAILED, Probe};
use crate::tokens::{self, Token};

/// Puts the constants in place of what bindgen says of them: macros first, then enumerators of
/// unnamed enums, then `const` variables that are numbers.
pub(crate) fn fill_in(probe: &Probe<'_>, macros: &[&Macro], declarations: &mut Declarations) -> Result<(), Error> {
    let enumerators = std::mem::take(&mut declarations.consts);
    let variables = std::mem::take(&mut declarations.const_variables);
    let mut texts = expansions(probe, macros)?;
    let placed: Vec<bool> = texts.iter_mut().map(placed).collect();
    texts.extend(enumerators.iter().map(|constant| &constant.name).chain(&variables).map(|name| name.clone().into_bytes()));
    let mut answers = ask(probe, &texts)?.into_iter();
    let mut taken = HashSet::new();
    for ((known, placed), answer) in macros.iter().zip(placed).zip(answers.by_ref()) {
        declarations.files.insert((Kind::Var, known.name.clone()), known.file.clone());
        match answer {
            Answer::Value(_) if placed => {
                let reason = "it is another one at each place, or time, of its use: it uses `__FILE__`, `__LINE__` or the like";
                declarations.refused_consts.push((known.name.clone(), reason));
            }
            Answer::Value(value) => {
                taken.insert(known.name.clone());
                declarations.consts.push(Const { name: known.name.clone(), doc: None, value });
            }
            Answer::Refused(reason) => declarations.refused_consts.push((known.name.clone(), reason)),
            Answer::Nothing => {}
        }
    }
    let places = Places::new(probe.text);
    let mut lines = tokens::enumerators(probe.text);
    for (constant, answer) in enumerators.into_iter().zip(answers.by_ref()) {
        if let Some(file) = lines.remove(constant.name.as_bytes()).and_then(|line| places.file(line)) {
            declarations.files.entry((Kind::Var, constant.name.clone())).or_insert_with(|| file.to_owned());
        }
        if let Answer::Value(value) = answer
            && taken.insert(constant.name.clone())
        {
            declarations.consts.push(Const { value, ..constant });
        }
    }
    let mut numbers = HashSet::new();
    for (name, answer) in variables.into_iter().zip(answers) {
        if let Answer::Value(value @ (Value::Int(..) | Value::Float(..))) = answer
            && taken.insert(name.clone())
        {
            let doc = declarations.variables.iter().find(|variable| variable.name == name).and_then(|variable| variable.doc.clone());
            declarations.consts.push(Const { name: name.clone(), doc, value });
            numbers.insert(name);
        }
    }
    declarations.variables.retain(|variable| !numbers.contains(&variable.name));
    Ok(())
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    Value(Value),
    /// An expression, of which the bindings can have no constant, for this reason.
    Refused(&'static str),
    /// No expression: a type, a part of a declaration, nothing.
    Nothing,
}

/// The types that an arithmetic expression can have, as the compiler is asked, with their names in
/// the bindings.
const TYPES: [(&str, Option<&str>); 17] = [
    ("_Bool", Some("bool")),
    ("char", Some("c_char")),
    ("signed char", Some("c_schar")),
    ("unsigned char", Some("c_uchar")),
    ("short", Some("c_short")),
    ("unsigned short", Some("c_ushort")),
    ("int", Some("c_int")),
    ("unsigned int", Some("c_uint")),
    ("long", Some("c_long")),
    ("unsigned long", Some("c_ulong")),
    ("long long", Some("c_longlong")),
    ("unsigned long long", Some("c_ulonglong")),
    ("float", Some("c_float")),
    ("double", Some("c_double")),
    ("long double", None),
    ("__int128", None),
    ("unsigned __int128", None),
];

/// What is replaced by something else at each place, or at each time, and something of the same
/// kind.
const PLACES: [(&str, &str); 14] = [
    ("__FILE__", "\"\""),
    ("__BASE_FILE__", "\"\""),
    ("__FILE_NAME__", "\"\""),
    ("__DATE__", "\"\""),
    ("__TIME__", "\"\""),
    ("__TIMESTAMP__", "\"\""),
    ("__LINE__", "1"),
    ("__COUNTER__", "1"),
    ("__INCLUDE_LEVEL__", "1"),
    // The compiler itself replaces these.
    ("__builtin_LINE", "__builtin_LINE"),
    ("__builtin_COLUMN", "__builtin_COLUMN"),
    ("__builtin_FILE", "__builtin_FILE"),
    ("__builtin_FILE_NAME", "__builtin_FILE_NAME"),
    ("__builtin_FUNCTION", "__builtin_FUNCTION"),
];

/// Says whether an expansion has one of these words, also inside of a string, and puts what is of
/// its kind in place of it.
fn placed(text: &mut Vec<u8>) -> bool {
    let is_placed = PLACES.iter().any(|(word, _)| text.windows(word.len()).any(|window| window == word.as_bytes()));
    if is_placed {
        let replaced = |token: Token<'_>| {
            let place = PLACES.iter().find(|(word, _)| token == Token::Word(word.as_bytes()));
            place.map_or(token.bytes(), |(_, other)| other.as_bytes()).to_vec()
        };
        *text = tokens::tokens(text).flat_map(replaced).collect();
    }
    is_placed
}

/// The expansions of macros: C text, each for the macro at the same place.
fn expansions(probe: &Probe<'_>, macros: &[&Macro]) -> Result<Vec<Vec<u8>>, Error> {
    let mut left_out: HashSet<usize> = HashSet::new();
    for _ in 0..MOST_BROKEN {
        let found = expansions_without(probe, macros, &left_out)?;
        // What swallows the lines behind it, as one half of a pair of macros does, is no
        // expression.
        match found.iter().position(Option::is_none) {
            None => return Ok(found.into_iter().flatten().take(macros.len()).collect()),
            Some(missing) => {
                let before = (0..missing).rev().find(|number| !left_out.contains(number));
                left_out.insert(before.ok_or_else(|| probe.refused("the macros of the headers cannot be expanded".to_owned()))?)
            }
        };
    }
    Err(too_many(probe))
}

fn too_many(probe: &Probe<'_>) -> Error {
    let what = format!(
        "more than {MOST_BROKEN} macros of the headers are halves of something, so that what follows them cannot be read; \
         leave them out by a pattern: .block_var(\"…\")"
    );
    Error::usage(probe.compiler.library, what)
}

/// Returns the expansions but for some, which are empty, and one more that says that all were read.
/// What was not found is none.
fn expansions_without(probe: &Probe<'_>, macros: &[&Macro], left_out: &HashSet<usize>) -> Result<Vec<Option<Vec<u8>>>, Error> {
    const MARK: &str = "sandbox_constant_";
    let unit = probe.folder.join("constants.c");
    let mut text = format!("#include \"{HEADERS}\"\n");
    for (word, _) in PLACES {
        text.push_str(&format!("#undef {word}\n"));
    }
    for (number, known) in macros.iter().enumerate() {
        let name = if left_out.contains(&number) { "" } else { known.name.as_str() };
        text.push_str(&format!("{MARK}{number} {name}\n"));
    }
    text.push_str(&format!("{MARK}{} \n", macros.len()));
    std::fs::write(&unit, text).map_err(Error::io("write", &unit))?;
    // A macro that says `_Pragma("GCC error …")` is no reason to stop.
    let expanded = expand(&probe.compiler, probe.headers, &unit, &["-P", "-Wno-error", "-ferror-limit=0"], true)?;
    let mut found = vec![None; macros.len() + 1];
    let mut current = None;
    for line in expanded.split(|byte| *byte == b'\n') {
        if let Some(line) = line.strip_prefix(MARK.as_bytes()) {
            let (number, text) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
            current = str::from_utf8(number).ok().and_then(|number| number.parse::<usize>().ok());
            if let Some(place) = current.and_then(|current| found.get_mut(current)) {
                *place = Some(text.trim_ascii().to_vec());
            }
        } else if let Some(Some(place)) = current.and_then(|current| found.get_mut(current))
            && !line.starts_with(b"#")
        {
            // What stands behind a `_Pragma` is on a line of its own.
            place.push(b' ');
            place.extend_from_slice(line.trim_ascii());
        }
    }
    Ok(found)
}

/// The lines on which an expression was asked about.
#[derive(Debug, Clone, Copy)]
struct Asked {
    expression: usize,
    integer: usize,
    constant: usize,
    string: usize,
    fails: usize,
}

/// What kind of expression the compiler takes it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Integer,
    Float,
    String,
    /// None of these, or not constant.
    Other {
        integer: bool,
    },
}

/// How many macros may swallow what follows them, before that is an error.
const MOST_BROKEN: usize = 64;

/// Says what each expression is.
fn ask(probe: &Probe<'_>, expressions: &[Vec<u8>]) -> Result<Vec<Answer>, Error> {
    let mut left_out: HashSet<usize> = HashSet::new();
    for _ in 0..MOST_BROKEN {
        match classes(probe, expressions, &left_out)? {
            Ok(classes) => return values(probe, expressions, &classes),
            Err(broken) => left_out.insert(broken),
        };
    }
    Err(too_many(probe))
}

/// Returns the class of each expression; an error is the place of one that made the compiler pass
/// over what follows it.
fn classes(probe: &Probe<'_>, expressions: &[Vec<u8>], left_out: &HashSet<usize>) -> Result<Result<Vec<Option<Class>>, usize>, Error> {
    let mut file = probe.questions();
    let mut asked = Vec::new();
    for (number, text) in expressions.iter().enumerate() {
        let text = text.trim_ascii();
        if text.is_empty() || !tokens::is_closed(text) || left_out.contains(&number) {
            asked.push(None);
            continue;
        }
        let mut line = |before: &str, behind: &str| file.line_around(before, text, behind);
        asked.push(Some(Asked {
            expression: line(&format!("enum {{ sandbox_a_{number} = _Generic(("), "), default: 1) };"),
            integer: line(&format!("enum {{ sandbox_b_{number} = sizeof(~("), ")) };"),
            constant: line(&format!("static const double sandbox_c_{number} = ("), ");"),
            string: {
                let size = [&b"sizeof("[..], text, b")] = ", text].concat();
                file.line_around(&format!("static const char sandbox_d_{number}["), &size, ";")
            },
            // If this one does not fail, the four before it were not read as lines of their own.
            fails: file.line("_Static_assert(0, \"\");"),
        }));
    }
    let (wrong, last) = probe.errors_as_far(file, "constants.i")?;
    let fails = |asked: &Asked| wrong.get(&asked.fails).is_some_and(|message| message.contains(ASSERTION_FAILED));
    if let Some(broken) = asked.iter().position(|asked| asked.as_ref().is_some_and(|asked| !fails(asked))) {
        return Ok(Err(broken));
    }
    last.map_err(|said| probe.refused(said))?;
    // The first call of what is not declared is an error, and declares it.
    let undeclared: HashSet<&str> = wrong.values().flat_map(|messages| messages.lines()).filter_map(undeclared).collect();
    let calls = |text: &[u8]| tokens::tokens(text).any(|token| str::from_utf8(token.bytes()).is_ok_and(|word| undeclared.contains(word)));
    let class = |asked: Asked| {
        let holds = |line| !wrong.contains_key(&line);
        if !holds(asked.expression) {
            return None;
        }
        Some(match (holds(asked.integer), holds(asked.constant), holds(asked.string)) {
            (true, true, _) => Class::Integer,
            (false, true, _) => Class::Float,
            (_, _, true) => Class::String,
            (integer, ..) => Class::Other { integer },
        })
    };
    let class = |(asked, text): (Option<Asked>, &Vec<u8>)| asked.and_then(class).filter(|_| undeclared.is_empty() || !calls(text));
    Ok(Ok(asked.into_iter().zip(expressions).map(class).collect()))
}

/// Reads the name out of an error about the call of a function that is not declared.
fn undeclared(message: &str) -> Option<&str> {
    message.strip_prefix("call to undeclared ")?.split('\'').nth(1)
}

/// Compiles the values into one variable, and takes it apart.
fn values(probe: &Probe<'_>, expressions: &[Vec<u8>], classes: &[Option<Class>]) -> Result<Vec<Answer>, Error> {
    let mut file = probe.questions();
    let asked = || expressions.iter().zip(classes).enumerate().filter_map(|(number, (text, class))| Some((number, text, (*class)?)));
    file.begin_answers();
    for (number, text, class) in asked() {
        file.line(&format!("unsigned char k{number};"));
        match class {
            Class::Integer => file.line(&format!("unsigned long long v{number};")),
            Class::Float => file.line(&format!("double v{number};")),
            Class::String => file.line_around(&format!("unsigned n{number}; char v{number}[sizeof("), text, ")];"),
            Class::Other { .. } => continue,
        };
    }
    let magic = file.begin_values();
    let types: String = TYPES.iter().zip(1..).map(|((name, _), number)| format!("{name}: {number}, ")).collect();
    for (number, text, class) in asked() {
        match class {
            Class::Integer | Class::Float => {
                file.line_around(&format!(".k{number} = _Generic(("), text, &format!("), {types}default: 0),"));
                let cast = if class == Class::Integer { "(unsigned long long)" } else { "(double)" };
                file.line_around(&format!(".v{number} = {cast}("), text, "),");
            }
            Class::String => {
                file.line_around(&format!(".n{number} = sizeof("), text, "),");
                file.line_around(&format!(".v{number} = "), text, ",");
            }
            Class::Other { .. } => {
                file.line_around(&format!(".k{number} = __builtin_classify_type("), text, "),");
            }
        }
    }
    file.end_values();
    let bytes = if asked().next().is_some() { probe.variable(&file, "values.i", &magic)? } else { Vec::new() };
    let mut rest = bytes.as_slice();
    let mut take = |length: usize| -> Option<&[u8]> {
        let (taken, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(taken)
    };
    let mut answers = Vec::new();
    for (text, class) in expressions.iter().zip(classes) {
        let Some(class) = class else {
            let in_braces = text.starts_with(b"(") && text.contains(&b'{');
            answers.push(if in_braces { Answer::Refused("it is a value in braces") } else { Answer::Nothing });
            continue;
        };
        let answer = (|| {
            let kind = *take(1)?.first()?;
            Some(match class {
                Class::Integer => integer(kind, u64::from_le_bytes(*take(8)?.first_chunk()?)),
                Class::Float => float(kind, f64::from_le_bytes(*take(8)?.first_chunk()?)),
                Class::String => {
                    let length = u32::from_le_bytes(*take(4)?.first_chunk()?);
                    string(take(length as usize)?)
                }
                Class::Other { integer } => other(kind, *integer, text),
            })
        })();
        answers.push(answer.ok_or_else(|| probe.refused("the variable with the values of the constants is too short".to_owned()))?);
    }
    Ok(answers)
}

fn ty(kind: u8) -> Option<&'static str> {
    usize::from(kind).checked_sub(1).and_then(|index| TYPES.get(index)?.1)
}

fn integer(kind: u8, bits: u64) -> Answer {
    match ty(kind) {
        None => Answer::Refused("it is a number of a type that the bindings have no word for"),
        Some(ty) => {
            let signed = matches!(ty, "c_char" | "c_schar" | "c_short" | "c_int" | "c_long" | "c_longlong");
            Answer::Value(Value::Int(if signed { i128::from(bits.cast_signed()) } else { i128::from(bits) }, ty))
        }
    }
}

fn float(kind: u8, value: f64) -> Answer {
    match ty(kind) {
        _ if !value.is_finite() => Answer::Refused("it is no finite number"),
        Some(ty @ ("c_float" | "c_double")) => Answer::Value(Value::Float(value, ty == "c_float")),
        _ if TYPES.get(usize::from(kind).wrapping_sub(1)).is_some_and(|(name, _)| *name == "long double") => {
            Answer::Refused("it is a `long double`")
        }
        _ => Answer::Refused("it is a number of a type that the bindings have no word for"),
    }
}

fn string(bytes: &[u8]) -> Answer {
    match bytes.split_last().map(|(_, text)| CString::new(text)) {
        Some(Ok(text)) => Answer::Value(Value::Str(format!("c{text:?}"), text.as_bytes().len())),
        _ => Answer::Refused("it is a string with a NUL inside, which a `CStr` cannot hold"),
    }
}

/// Says why an expression is no constant; `class` is what `__builtin_classify_type` says.
fn other(class: u8, integer: bool, text: &[u8]) -> Answer {
    let all: Vec<Token<'_>> = tokens::tokens(text).collect();
    if let [Token::Word(_)] = all.as_slice() {
        // Another name of something that is bound, or not, by its own.
        return Answer::Nothing;
    }
    let wide = all.windows(2).any(|pair| matches!(pair, [Token::Word(b"L" | b"u" | b"U" | b"u8"), Token::Literal(_)]));
    Answer::Refused(match class {
        5 if wide => "it is a string of wide characters",
        5 => "it is a pointer",
        8 => "its value is not known before the program runs",
        9 => "it is a `_Complex` number",
        12 | 13 => "it is a struct or a union",
        _ if integer => "its value is not known before the program runs",
        _ => "it is an expression without a number or a string as its value",
    })
}
