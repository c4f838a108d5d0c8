//! The callback for the rows of a query, and what is behind its app pointer.

use std::any::{Any, type_name};

use sandbox::{AppPointerError, Callback, CallbackError, Sandbox, Tainted, rules};

use crate::guest::sqlite::rows_callback;
use crate::guest::{Guest, Library, Ptr, Room};
use crate::{Error, Failure, Result};

/// As many columns as SQLite allows.
const COLUMNS: i32 = 2000;

/// A query that is under way: the caller's closure and state.
struct Query<T, F> {
    state: T,
    each: F,
    given_up: Option<Error>,
}

/// A query whose types are forgotten: there is one callback for all of them.
pub(crate) struct Rows(Box<dyn Rowwise>);

trait Rowwise: Send {
    /// Takes a row, and tells whether the query is to go on.
    fn row(&mut self, row: Result<Vec<Option<String>>>) -> bool;
    /// Returns the state, or why the query was given up.
    fn finish(self: Box<Self>) -> Result<Box<dyn Any>>;
}

impl<T, F> Rowwise for Query<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut T, &[Option<String>]) -> Result<(), Failure> + Send + 'static,
{
    fn row(&mut self, row: Result<Vec<Option<String>>>) -> bool {
        // SQLite does not come back after that, an attacker may.
        if self.given_up.is_none() {
            let taken = row.and_then(|row| (self.each)(&mut self.state, &row).map_err(Error::Stopped));
            self.given_up = taken.err();
        }
        self.given_up.is_none()
    }

    fn finish(self: Box<Self>) -> Result<Box<dyn Any>> {
        match self.given_up {
            None => Ok(Box::new(self.state)),
            Some(error) => Err(error),
        }
    }
}

impl Rows {
    pub(crate) fn new<T: Send + 'static>(
        state: T,
        each: impl FnMut(&mut T, &[Option<String>]) -> Result<(), Failure> + Send + 'static,
    ) -> Self {
        Self(Box::new(Query { state, each, given_up: None }))
    }

    /// Returns the state, or why the query was given up.
    pub(crate) fn finish<T: 'static>(self) -> Result<T> {
        let state = self.0.finish()?.downcast();
        state.map(|state| *state).map_err(|_| Error::Sandbox(AppPointerError::WrongType { expected: type_name::<T>() }.into()))
    }
}

/// Makes the callback that `rows_each` calls for each row of any query.
pub(crate) fn handler(sb: &mut Sandbox<Library>) -> sandbox::Result<Callback<rows_callback>> {
    sb.register_callback::<rows_callback, _>(|sb, (rows, count, texts, lengths)| {
        let row = match row(sb, count, texts, lengths) {
            // The guest lies: this is its end.
            Err(Error::Sandbox(error)) => return Err(error.into()),
            row => row,
        };
        let go_on = sb.app_mut::<Rows>(rows)?.0.row(row);
        // Anything but 0 ends the query.
        Ok::<_, CallbackError>(i32::from(!go_on))
    })
}

/// Reads the texts of a row.
fn row(sb: &Guest<'_>, count: Tainted<i32, Library>, texts: Ptr<Ptr<u8>>, lengths: Ptr<i32>) -> Result<Vec<Option<String>>> {
    let count = count.verify_with(rules::range(0..=COLUMNS))?;
    let texts = sb.read_slice(texts, count.cast_unsigned())?;
    let lengths = sb.read_slice(lengths, count.cast_unsigned())?;
    let mut room = Room::new();
    let text = |(text, length): (Ptr<u8>, Tainted<i32, Library>)| {
        if text.is_null() {
            return Ok(None);
        }
        let length = length.verify_with(rules::into("a length", |length| u32::try_from(length).ok()))?;
        String::from_utf8(room.bytes(sb, text, length)?).map(Some).map_err(|_| Error::NotUtf8)
    };
    texts.into_iter().zip(lengths).map(text).collect()
}
