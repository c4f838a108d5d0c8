//! How a request of the application fails.

use std::io;

/// Why a request was not answered, or a replay could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The guest ended in an error.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// The guest answered that the input is bad.
    #[error("`{function}` refuses the input ({code})")]
    BadInput {
        /// The C function.
        function: &'static str,
        /// What it returned.
        code: i32,
    },
    /// The guest's answer did not pass the application's check.
    #[error("the answer is refused: {0}")]
    WrongAnswer(String),
    /// The library has written to a block of guest memory that is not its own.
    #[error("{bytes} bytes of another block in the guest's memory are overwritten{}", .answer.as_ref().map_or(String::new(), |answer| format!(", while {answer}")))]
    Damaged {
        /// How many bytes have changed.
        bytes: usize,
        /// What the request came to, if not to an answer.
        answer: Option<Box<Failure>>,
    },
    /// The native program could not be run.
    #[error("the native program cannot be run: {0}")]
    Native(#[from] io::Error),
    /// The native program did not come to an end.
    #[error("the native program did not end within {seconds} s")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The replay did not go as the table says.
    #[error("the replay went otherwise: {0}")]
    Unexpected(String),
}

/// What requests return.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;
