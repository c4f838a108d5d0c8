//! Tags that mean something else, too.
//!
//! C has a name space for the tags of structs, unions and enums, and Rust has none: `typedef struct
//! list *list;` declares two types, and `enum level level(int);` a type and a function. Such a tag
//! gets another name, as C spells it: `struct_list`, `enum_level`.

use std::collections::HashMap;

use crate::Error;
use crate::probe::Probe;
use crate::tokens;

/// Returns the new name of each such tag.
pub(crate) fn renamed(probe: &Probe<'_>) -> Result<HashMap<String, String>, Error> {
    let tags = tokens::tags(probe.text);
    let mut file = probe.questions();
    let mut asked = Vec::new();
    for (tag, (keyword, _)) in tags.iter().filter(|(_, (_, elsewhere))| *elsewhere) {
        let number = asked.len();
        let ordinary = file.line(&format!("extern __typeof__({tag}) *sandbox_tag_{number};"));
        let ty = file.line(&format!("typedef {tag} sandbox_type_{number};"));
        let same = file.line(&format!("_Static_assert(__builtin_types_compatible_p(__typeof__({tag}), {keyword} {tag}), \"\");"));
        asked.push((tag, *keyword, [ordinary, ty, same]));
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let wrong = probe.failing_lines(file, "tags.i")?;
    let mut renamed = HashMap::new();
    for (tag, keyword, lines) in asked {
        let [ordinary, ty, same] = lines.map(|line| !wrong.contains(&line));
        // In Rust a function or a variable may have the name of a struct, but not that of an enum.
        if (ty || ordinary && keyword == "enum") && !same {
            let mut name = format!("{keyword}_{tag}");
            while probe.text.windows(name.len()).any(|window| window == name.as_bytes()) {
                name.push('_');
            }
            renamed.insert(tag.clone(), name);
        }
    }
    Ok(renamed)
}
