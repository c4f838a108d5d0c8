//! What a document consists of.

/// A part of a document, in the order of the document.
///
/// All strings are verified UTF-8, whatever encoding the document had.
///
/// # Examples
///
/// ```
/// use example_expat::{Event, parse};
///
/// let events = parse(b"<?order tea?><pot/>", 1 << 10)?;
/// assert_eq!(events[0], Event::Instruction { target: "order".into(), data: "tea".into() });
/// # Ok::<(), example_expat::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The start of an element. Each has its [`End`](Self::End), unless an error comes before it.
    Start {
        /// The element's name.
        name: String,
        /// Names and values of its attributes, in the order of the document.
        attributes: Vec<(String, String)>,
    },
    /// The end of the innermost element that is open.
    End {
        /// The element's name.
        name: String,
    },
    /// Text between two other events, in one piece, entities replaced.
    Text(String),
    /// A comment.
    Comment(String),
    /// A processing instruction.
    Instruction {
        /// What it is for.
        target: String,
        /// What it says.
        data: String,
    },
}
