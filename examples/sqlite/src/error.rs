//! What can go wrong with a database.

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a closure of the caller gave up: any error of the caller's. `?` makes it, and `"text".into()`.
///
/// # Examples
///
/// ```
/// fn number(text: &str) -> Result<i64, example_sqlite::Failure> {
///     if text.is_empty() { Err("there is no number".into()) } else { Ok(text.parse()?) }
/// }
/// assert!(number("").is_err());
/// ```
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Why the database did not do what it was asked.
///
/// # Examples
///
/// ```
/// let mut db = example_sqlite::Database::open_in_memory()?;
/// assert_eq!(db.execute("SELECT * FROM treasure").unwrap_err().to_string(), "no such table: treasure (SQLite's code 1)");
/// # Ok::<(), example_sqlite::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// SQLite does not like the SQL, or what it found in the tables. The database is as it was before the statement.
    #[error("{message} (SQLite's code {code})")]
    Sql {
        /// SQLite's result code.
        code: i32,
        /// SQLite's own message, with everything unprintable escaped.
        message: String,
    },
    /// SQL that contains the character 0, which C would take for its end.
    #[error("there is a zero character in the SQL")]
    Nul(#[from] std::ffi::NulError),
    /// The closure that a query called for each row gave up, and so the query did.
    #[error("the query was given up")]
    Stopped(#[source] Failure),
    /// A text of a row is not UTF-8, as SQL can make it. The query was given up.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A row is too large. The query was given up.
    #[error("a row, or the arguments of a function, need more than {limit} bytes")]
    TooLarge {
        /// What is allowed, in bytes.
        limit: u32,
    },
    /// The memory that SQLite may have is used up.
    #[error("the database needs more memory than the sandbox may have")]
    OutOfMemory,
    /// SQLite crashed in its sandbox, or answered what cannot be. The database is lost.
    #[error("the sandbox ended the database")]
    Sandbox(#[source] sandbox::Error),
}

impl From<sandbox::Error> for Error {
    fn from(error: sandbox::Error) -> Self {
        match error {
            sandbox::Error::Allocation { .. } => Self::OutOfMemory,
            error => Self::Sandbox(error),
        }
    }
}

impl From<sandbox::VerifyError> for Error {
    fn from(error: sandbox::VerifyError) -> Self {
        Self::Sandbox(error.into())
    }
}
