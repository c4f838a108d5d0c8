//! Asks the C compiler where the fields are that bindgen does not place: bit-fields, and the
//! members of unnamed members.
//!
//! C can say the offset of a field, but not where a bit-field is. So a constant is compiled in
//! which just that field is all ones, and its bytes are looked at: they are the compiler's own
//! word, whatever attributes the struct has.

use std::collections::{HashMap, HashSet};

use crate::Error;
use crate::bindings::ir::{Bits, Declarations, FieldKind, Record, Ty, TypeItem};
use crate::probe::Probe;

/// How C spells each record and enum that it has a word for, by the names of the declarations.
pub(crate) type Spellings = HashMap<String, String>;

/// Finds the spelling of every type that has one.
pub(crate) fn spell(probe: &Probe<'_>, declarations: &Declarations) -> Result<Spellings, Error> {
    let mut file = probe.questions();
    let mut asked = Vec::new();
    for (name, spelling, complete) in candidates(declarations) {
        let number = asked.len();
        let line = file.line(&if complete {
            format!("enum {{ sandbox_probe_{number} = sizeof({spelling}) }};")
        } else {
            format!("extern {spelling} *sandbox_probe_{number};")
        });
        asked.push((name, spelling, line));
    }
    let wrong = probe.failing_lines(file, "spell.i")?;
    let mut spellings = Spellings::new();
    for (name, spelling, line) in asked {
        if !wrong.contains(&line) {
            spellings.entry(name).or_insert(spelling);
        }
    }
    Ok(spellings)
}

/// The spellings that C may have for each type, and whether it is complete.
fn candidates(declarations: &Declarations) -> Vec<(String, String, bool)> {
    let anonymous = anonymous_unions(declarations);
    let mut found = Vec::new();
    for item in &declarations.types {
        let name = item.name().to_owned();
        match item {
            TypeItem::Record(record) => {
                let complete = !record.incomplete;
                let keywords: &[&str] = if record.incomplete { &["struct", "union"] } else { &[keyword(record)] };
                if let Some(c_name) = &record.c_name {
                    for keyword in keywords {
                        found.push((name.clone(), declarations.tagged(keyword, c_name), complete));
                    }
                    if !declarations.tags.contains_key(c_name) {
                        found.push((name.clone(), c_name.clone(), complete));
                    }
                }
                // A type without a name has a place: the field of another one. An anonymous union
                // has neither.
                if complete && record.c_name.is_none() && !anonymous.contains(record.name.as_str()) {
                    let fields = holders(declarations, &record.name, declarations.types.len());
                    let fields = fields.into_iter().map(|(outer, path)| outer + &path);
                    let others = behind_names(declarations, &record.name);
                    found.extend(fields.chain(others).map(|place| (name.clone(), format!("__typeof__({place})"), true)));
                }
            }
            TypeItem::Enum(enumeration) => {
                found.push((name.clone(), declarations.tagged("enum", &enumeration.name), true));
                if !declarations.tags.contains_key(&enumeration.name) {
                    found.push((name, enumeration.name.clone(), true));
                }
            }
            TypeItem::Alias(_) => {}
        }
    }
    found
}

/// The typedefs and variables that stand for pointers to a type or arrays of it, or are of it: an
/// expression of what they have inside.
fn behind_names<'a>(declarations: &'a Declarations, inner: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let aliases = declarations.types.iter().filter_map(|item| match item {
        TypeItem::Alias(alias) => Some((format!("(*({}*)0)", alias.c_name), &alias.ty)),
        _ => None,
    });
    let variables = declarations.variables.iter().map(|variable| (variable.name.clone(), &variable.ty));
    aliases.chain(variables).filter_map(move |(mut expression, mut ty)| {
        while let Ty::Array(element, _) | Ty::Pointer { to: element, .. } = ty {
            ty = element;
            expression.push_str("[0]");
        }
        matches!(ty, Ty::Named(name) if name == inner).then_some(expression)
    })
}

/// The names of the unions that are unnamed members.
fn anonymous_unions(declarations: &Declarations) -> HashSet<&str> {
    let fields = declarations.types.iter().flat_map(|item| match item {
        TypeItem::Record(record) => record.fields.as_slice(),
        _ => &[],
    });
    let anonymous = fields.filter(|field| field.kind == FieldKind::Anonymous);
    anonymous.filter_map(|field| if let Ty::Named(name) = &field.ty { Some(name.as_str()) } else { None }).collect()
}

fn keyword(record: &Record) -> &'static str {
    if record.union { "union" } else { "struct" }
}

/// The fields that hold a type, or point to it: an expression of the outer record, up to the dot,
/// and what comes behind it, which is empty for an unnamed member.
fn holders(declarations: &Declarations, inner: &str, depth: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in &declarations.types {
        let TypeItem::Record(outer) = item else { continue };
        for field in &outer.fields {
            let mut ty = &field.ty;
            let mut path = match field.kind {
                FieldKind::Plain => field.name.clone(),
                FieldKind::Flexible => format!("{}[0]", field.name),
                FieldKind::Anonymous => String::new(),
                FieldKind::BitField => continue,
            };
            while let Ty::Array(element, _) | Ty::Pointer { to: element, .. } = ty {
                ty = element;
                path.push_str("[0]");
            }
            if !matches!(ty, Ty::Named(name) if name == inner) || outer.name == inner {
                continue;
            }
            let mut named = |name: String| found.push((format!("(({name}*)0)->"), path.clone()));
            match (&outer.c_name, depth.checked_sub(1)) {
                (Some(c_name), _) => {
                    named(declarations.tagged(keyword(outer), c_name));
                    if !declarations.tags.contains_key(c_name) {
                        named(c_name.clone());
                    }
                }
                // A chain of types without names ends, since C can only name what comes before; the
                // depth says so too.
                (None, Some(depth)) => {
                    let join =
                        |before: String| if before.is_empty() || path.is_empty() { before + &path } else { format!("{before}.{path}") };
                    found.extend(holders(declarations, &outer.name, depth).into_iter().map(|(name, before)| (name, join(before))));
                    found.extend(behind_names(declarations, &outer.name).map(|place| (place + ".", path.clone())));
                }
                (None, None) => {}
            }
        }
    }
    found
}

/// A field, by its record and its own place in it.
type FieldIndex = (usize, usize);

/// One question: where `member` is in the record that C spells `spelling`.
struct Question {
    spelling: String,
    size: u64,
    member: String,
    bits: bool,
    /// The field that the answer is about.
    field: FieldIndex,
    /// The anonymous union that the field is in: the answer counts from there.
    within: Option<FieldIndex>,
}

/// Looks at sizes and alignments. A record without a tag has the alignment of its typedef, which
/// bindgen does not know: `typedef struct { … } name __attribute__((aligned(8)));`.
pub(crate) fn align(probe: &Probe<'_>, declarations: &mut Declarations, spellings: &Spellings) -> Result<(), Error> {
    let mut file = probe.questions();
    let mut asked = Vec::new();
    for (index, item) in declarations.types.iter().enumerate() {
        let TypeItem::Record(Record { name, size: Some(size), align: Some(align), problem: None, .. }) = item else { continue };
        let Some(spelling) = spellings.get(name) else { continue };
        let line = file.line(&format!("_Static_assert(sizeof({spelling}) == {size} && _Alignof({spelling}) == {align}, \"\");"));
        asked.push((line, index, spelling));
    }
    let wrong = probe.failing_lines(file, "align.i")?;
    asked.retain(|(line, ..)| wrong.contains(line));
    if asked.is_empty() {
        return Ok(());
    }
    let mut file = probe.questions();
    file.begin_answers();
    file.line(&format!("unsigned long long layouts[{}];", 2 * asked.len()));
    let magic = file.begin_values();
    file.line(".layouts = {");
    for (_, _, spelling) in &asked {
        file.line(&format!("sizeof({spelling}), _Alignof({spelling}),"));
    }
    file.line("},");
    file.end_values();
    let bytes = probe.variable(&file, "alignments.i", &magic)?;
    let (numbers, _) = bytes.as_chunks();
    let (layouts, _) = numbers.as_chunks::<2>();
    for ((_, index, _), &[size, align]) in asked.iter().zip(layouts) {
        let Some(TypeItem::Record(record)) = declarations.types.get_mut(*index) else { continue };
        let [size, align] = [size, align].map(u64::from_le_bytes);
        if record.size == Some(size) && size.is_multiple_of(align.max(1)) {
            record.align = Some(align);
        } else {
            record.problem =
                Some(format!("the C compiler has {size} bytes for it, aligned at {align}, which the bindings have no word for"));
        }
    }
    Ok(())
}

/// Fills in where each field is that bindgen does not place. What C has no word for gets a problem
/// instead.
pub(crate) fn measure(probe: &Probe<'_>, declarations: &mut Declarations, spellings: &Spellings) -> Result<(), Error> {
    let mut file = probe.questions();
    let mut asked: Vec<(usize, Question)> = Vec::new();
    for question in questions(declarations, spellings) {
        let Question { spelling, member, .. } = &question;
        let number = asked.len();
        let line = file.line(&if question.bits {
            format!("static const {spelling} sandbox_probe_{number} = {{ .{member} = -1 }};")
        } else {
            format!("enum {{ sandbox_probe_{number} = __builtin_offsetof({spelling}, {member}) }};")
        });
        asked.push((line, question));
    }
    if !asked.is_empty() {
        let wrong = probe.failing_lines(file, "places.i")?;
        asked.retain(|(line, _)| !wrong.contains(line));
        let questions: Vec<Question> = asked.into_iter().map(|(_, question)| question).collect();
        let answers = ask(probe, &questions)?;
        fill_in(declarations, &questions, &answers);
    }
    require_names(declarations, spellings);
    Ok(())
}

fn questions(declarations: &Declarations, spellings: &Spellings) -> Vec<Question> {
    let mut questions = Vec::new();
    for (index, item) in declarations.types.iter().enumerate() {
        let TypeItem::Record(record) = item else { continue };
        let (Some(spelling), Some(size), None) = (spellings.get(&record.name), record.size, &record.problem) else { continue };
        for (place, field) in record.fields.iter().enumerate() {
            let question = |member: &str, bits, field, within| Question {
                spelling: spelling.clone(),
                size,
                member: member.to_owned(),
                bits,
                field,
                within,
            };
            match field.kind {
                FieldKind::Anonymous => {
                    let Ty::Named(name) = &field.ty else { continue };
                    let Some((inner_index, TypeItem::Record(inner))) = declarations.find_with_index(name) else { continue };
                    let within = Some((index, place));
                    for (member_place, member) in inner.fields.iter().enumerate() {
                        let bits = member.kind == FieldKind::BitField;
                        questions.push(question(&member.name, bits, (inner_index, member_place), within));
                    }
                }
                FieldKind::BitField => questions.push(question(&field.name, true, (index, place), None)),
                FieldKind::Plain | FieldKind::Flexible if field.offset.is_none() => {
                    questions.push(question(&field.name, false, (index, place), None));
                }
                FieldKind::Plain | FieldKind::Flexible => {}
            }
        }
    }
    questions
}

/// Compiles one variable that holds all answers, and takes it apart. A bit-field's answer is none
/// if its bits do not adjoin.
fn ask(probe: &Probe<'_>, questions: &[Question]) -> Result<Vec<Option<Bits>>, Error> {
    let mut file = probe.questions();
    file.begin_answers();
    for (number, question) in questions.iter().enumerate() {
        file.line(&if question.bits { format!("{} a{number};", question.spelling) } else { format!("unsigned a{number};") });
    }
    let magic = file.begin_values();
    for (number, Question { spelling, member, bits, .. }) in questions.iter().enumerate() {
        file.line(&if *bits {
            format!(".a{number} = {{ .{member} = -1 }},")
        } else {
            format!(".a{number} = __builtin_offsetof({spelling}, {member}),")
        });
    }
    file.end_values();
    let sizes = questions.iter().map(|question| if question.bits { question.size } else { 4 });
    let sizes: Vec<usize> = sizes.map(|size| usize::try_from(size).unwrap_or(usize::MAX)).collect();
    let bytes = probe.variable(&file, "measure.i", &magic)?;
    let mut rest = bytes.as_slice();
    let mut answers = Vec::new();
    for (question, size) in questions.iter().zip(sizes) {
        let Some((answer, behind)) = rest.split_at_checked(size) else {
            return Err(probe.refused("the variable with the answers is too short".to_owned()));
        };
        rest = behind;
        answers.push(if question.bits {
            ones(answer)
        } else {
            answer.first_chunk().map(|bytes| Bits { offset: 8 * u64::from(u32::from_le_bytes(*bytes)), width: 0 })
        });
    }
    Ok(answers)
}

/// Finds the one run of bits that are set. The first is the lowest of the lowest byte, as the guest
/// counts.
fn ones(bytes: &[u8]) -> Option<Bits> {
    let is_set = |bit: &u64| bytes.get((bit / 8) as usize).is_some_and(|byte| byte >> (bit % 8) & 1 == 1);
    let all = 8 * bytes.len() as u64;
    let offset = (0..all).find(is_set)?;
    let width = (offset..all).take_while(is_set).count() as u64;
    (offset + width..all).all(|bit| !is_set(&bit)).then_some(Bits { offset, width })
}

fn fill_in(declarations: &mut Declarations, questions: &[Question], answers: &[Option<Bits>]) {
    // An anonymous union begins as far before a member as that one is known to be inside of it.
    let mut starts: HashMap<FieldIndex, u64> = HashMap::new();
    for (question, answer) in questions.iter().zip(answers) {
        if let (Some(union), Some(answer)) = (question.within, answer)
            && let Some(inside) = declarations.field_mut(question.field).and_then(|field| field.offset)
            && let Some(start) = (answer.offset / 8).checked_sub(inside)
        {
            starts.entry(union).or_insert(start);
        }
    }
    for (question, answer) in questions.iter().zip(answers) {
        let (Some(field), Some(answer)) = (declarations.field_mut(question.field), answer) else { continue };
        let start = question.within.map_or(Some(0), |union| starts.get(&union).copied());
        let Some(offset) = start.and_then(|start| answer.offset.checked_sub(8 * start)) else { continue };
        if question.bits {
            field.bits = Some(Bits { offset, width: answer.width });
        } else {
            field.offset = Some(offset / 8);
        }
    }
    for (union, start) in starts {
        if let Some(field) = declarations.field_mut(union) {
            field.offset = Some(start);
        }
    }
}

/// A record that C has no word for cannot be checked, unless it is an anonymous union, which was
/// measured.
fn require_names(declarations: &mut Declarations, spellings: &Spellings) {
    let measured: HashSet<String> = anonymous_unions(declarations).into_iter().map(str::to_owned).collect();
    for item in &mut declarations.types {
        if let TypeItem::Record(record) = item
            && !record.incomplete
            && !spellings.contains_key(&record.name)
            && !measured.contains(&record.name)
        {
            record.problem.get_or_insert_with(|| "C has no name for it, by which its layout could be checked".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_found_in_little_endian_order() {
        assert_eq!(ones(&[0b1111_1000, 0b0000_0001, 0]), Some(Bits { offset: 3, width: 6 }));
        assert_eq!(ones(&[0, 0x80]), Some(Bits { offset: 15, width: 1 }));
        assert_eq!(ones(&[0xff; 9]), Some(Bits { offset: 0, width: 72 }));
    }

    #[test]
    fn bits_apart_are_no_field() {
        assert_eq!(ones(&[1, 1]), None);
        assert_eq!(ones(&[0, 0]), None);
    }
}
