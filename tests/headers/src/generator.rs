//! Random headers: the records of the tests' generator, and functions, variables, typedefs and
//! constants with them.

// The generator is a part of another crate, which uses the rest of it.
#[allow(dead_code)]
#[path = "../../generator/c.rs"]
mod c;
#[path = "generator/declarations.rs"]
mod declarations;
#[allow(dead_code)]
#[path = "../../generator/leaves.rs"]
mod leaves;
#[allow(dead_code)]
#[path = "../../generator/model.rs"]
mod model;
#[allow(dead_code)]
#[path = "../../generator/random.rs"]
mod random;

use std::fmt::Error;

use model::Header;

/// Returns the header of a number: the same in every build.
///
/// # Errors
/// If it cannot be written down.
pub fn header(number: u32) -> Result<String, Error> {
    let header = Header::random(number);
    let text = c::header(&header)?;
    let (before, end) = text.rsplit_once("\n#endif").unwrap_or((&text, ""));
    Ok(format!("{before}\n{}\n#endif{end}", declarations::declarations(&header, number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_use_all_that_they_can() {
        let all: String = (0..300).map(|number| header(number).unwrap()).collect();
        let texts = "typedef |extern |static const |static inline |...);|(void);|[static |restrict|enum {|#define |sizeof(|? |\"|'|0x|e-3f|(*(*|_Noreturn|const struct \
                     |union h|**|))(|volatile|LL|u << |_CB|[][|long double";
        for text in texts.split('|') {
            assert!(all.contains(text), "no header has `{text}`");
        }
    }
}
