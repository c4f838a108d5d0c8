//! Allow and block lists: regular expressions over C names that must match as a whole.

use regex::Regex;

use crate::Error;

/// One pattern of a list.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    pub(crate) fn new(library: &str, text: &str) -> Result<Self, Error> {
        let regex = Regex::new(&format!("^(?:{text})$"))
            .map_err(|error| Error::usage(library, format!("`{text}` is not a regular expression: {error}")))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }

    /// Says whether the pattern spells one of its alternatives out as exactly this name.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.text.split('|').any(|part| part == name)
    }

    /// Says whether the pattern allows everything, of which there may be nothing.
    pub(crate) fn is_all(&self) -> bool {
        self.text == ".*"
    }

    /// Returns the alternatives at the top level of the pattern, so that each can be checked for a match of its own.
    pub(crate) fn alternatives(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        let (mut depth, mut escaped) = (0_u32, false);
        for c in self.text.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                '|' if depth == 0 => {
                    parts.push(String::new());
                    continue;
                }
                _ => {}
            }
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        parts
    }
}

/// The allow and block lists for one kind of item.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists {
    pub(crate) allow: Vec<Pattern>,
    pub(crate) block: Vec<Pattern>,
}

impl Lists {
    pub(crate) fn new(library: &str, allow: &[String], block: &[String]) -> Result<Self, Error> {
        let compile = |texts: &[String]| -> Result<Vec<Pattern>, Error> { texts.iter().map(|text| Pattern::new(library, text)).collect() };
        // Alternatives are patterns of their own: `crc32|adlr32` must not hide the misspelt half.
        let mut parts = Vec::new();
        for pattern in compile(allow)? {
            parts.extend(pattern.alternatives());
        }
        Ok(Self { allow: compile(&parts)?, block: compile(block)? })
    }

    /// Says whether the allow list has this name in full.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.allow.iter().any(|pattern| pattern.names(name))
    }

    pub(crate) fn blocks(&self, name: &str) -> bool {
        self.block.iter().any(|pattern| pattern.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_name() {
        let pattern = Pattern::new("x", "crc32|adler.*").unwrap();
        assert!(pattern.matches("crc32"));
        assert!(pattern.matches("adler32_z"));
        assert!(!pattern.matches("crc32_z"));
        assert!(pattern.names("crc32"));
    }

    #[test]
    fn alternatives_are_split_at_the_top_level_only() {
        let pattern = Pattern::new("x", r"a|(in|de)flate.*|[|]x|\|y").unwrap();
        assert_eq!(pattern.alternatives(), ["a", "(in|de)flate.*", "[|]x", r"\|y"]);
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = Pattern::new("x", "(").unwrap_err();
        assert!(error.to_string().contains("`(` is not a regular expression"), "{error}");
    }
}
