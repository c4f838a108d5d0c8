//! The callback for SQL functions: arguments out of the guest, the result into it.

use sandbox::{Callback, CallbackError, Sandbox, Tainted, rules};

use crate::guest::sqlite::{self, sqlite3_context, sqlite3_create_function_v2_xFunc, sqlite3_value};
use crate::guest::{Guest, Library, Ptr, Room};
use crate::{Error, Failure, Result, Value};

/// A SQL function, behind an app pointer.
pub(crate) struct Function {
    pub(crate) arguments: u8,
    pub(crate) closure: Closure,
}

type Closure = Box<dyn Fn(&[Value]) -> Result<Value, Failure> + Send>;

/// SQLite's name for UTF-8, as functions take it.
pub(crate) const UTF_8: u8 = sqlite::SQLITE_UTF8 as u8;

/// Makes the callback that SQLite calls for each call of any function.
pub(crate) fn handler(sb: &mut Sandbox<Library>) -> sandbox::Result<Callback<sqlite3_create_function_v2_xFunc>> {
    sb.register_callback::<sqlite3_create_function_v2_xFunc, _>(|sb, (context, count, values)| {
        let function = sqlite::sqlite3_user_data(sb, context)?;
        let expected = sb.app::<Function>(function)?.arguments;
        let result = match arguments(sb, count, values, expected) {
            // The guest lies: this is its end.
            Err(Error::Sandbox(error)) => return Err(error.into()),
            Err(error) => Err(error.into()),
            Ok(arguments) => (sb.app::<Function>(function)?.closure)(&arguments),
        };
        match result {
            Ok(value) => answer(sb, context, &value)?,
            Err(failure) => fail(sb, context, &failure.to_string())?,
        }
        Ok::<_, CallbackError>(())
    })
}

/// Reads the arguments of a call.
fn arguments(sb: &mut Guest<'_>, count: Tainted<i32, Library>, values: Ptr<Ptr<sqlite3_value>>, expected: u8) -> Result<Vec<Value>> {
    count.verify_with(rules::equal_to(expected.into()))?;
    let values = sb.read_slice(values, expected.into())?;
    let mut room = Room::new();
    values.into_iter().map(|value| argument(sb, value, &mut room)).collect()
}

fn argument(sb: &mut Guest<'_>, value: Ptr<sqlite3_value>, room: &mut Room) -> Result<Value> {
    let known =
        rules::one_of([sqlite::SQLITE_INTEGER, sqlite::SQLITE_FLOAT, sqlite::SQLITE_TEXT, sqlite::SQLITE_BLOB, sqlite::SQLITE_NULL]);
    Ok(match sqlite::sqlite3_value_type(sb, value)?.verify_with(known)? {
        sqlite::SQLITE_INTEGER => {
            let integer = sqlite::sqlite3_value_int64(sb, value)?;
            Value::Integer(integer.unverified_because("any number can be in a database"))
        }
        sqlite::SQLITE_FLOAT => {
            let real = sqlite::sqlite3_value_double(sb, value)?;
            Value::Real(real.unverified_because("any number can be in a database"))
        }
        sqlite::SQLITE_TEXT => {
            let text = sqlite::sqlite3_value_text(sb, value)?;
            Value::Text(String::from_utf8(bytes(sb, value, text, room)?).map_err(|_| Error::NotUtf8)?)
        }
        sqlite::SQLITE_BLOB => {
            let blob = sqlite::sqlite3_value_blob(sb, value)?.cast();
            Value::Blob(bytes(sb, value, blob, room)?)
        }
        _ => Value::Null,
    })
}

/// Reads what a text or a blob consists of.
fn bytes(sb: &mut Guest<'_>, value: Ptr<sqlite3_value>, pointer: Ptr<u8>, room: &mut Room) -> Result<Vec<u8>> {
    let length = sqlite::sqlite3_value_bytes(sb, value)?;
    match length.verify_with(rules::into("a length", |length| u32::try_from(length).ok()))? {
        // The pointer to no bytes may be null.
        0 => Ok(Vec::new()),
        length => room.bytes(sb, pointer, length),
    }
}

/// Gives a result to SQLite.
fn answer(sb: &mut Guest<'_>, context: Ptr<sqlite3_context>, value: &Value) -> sandbox::Result<()> {
    let bytes = match value {
        Value::Null => return sqlite::sqlite3_result_null(sb, context),
        Value::Integer(integer) => return sqlite::sqlite3_result_int64(sb, context, *integer),
        Value::Real(real) => return sqlite::sqlite3_result_double(sb, context, *real),
        Value::Text(text) => text.as_bytes(),
        Value::Blob(blob) => blob,
    };
    // SQLite keeps the memory, and frees it with a function of its own.
    let length = bytes.len() as u64;
    let memory = sqlite::sqlite3_malloc64(sb, length.max(1))?;
    if memory.is_null() {
        return sqlite::sqlite3_result_error_nomem(sb, context);
    }
    sb.write_bytes(memory.cast(), bytes)?;
    let free = sb.fn_ptr(sqlite::functions::sqlite3_free)?;
    match value {
        Value::Text(_) => sqlite::sqlite3_result_text64(sb, context, memory.cast(), length, free, UTF_8),
        _ => sqlite::sqlite3_result_blob64(sb, context, memory, length, free),
    }
}

/// Makes the SQL that called the function fail.
fn fail(sb: &mut Guest<'_>, context: Ptr<sqlite3_context>, message: &str) -> sandbox::Result<()> {
    let bytes = sb.copy_in(message.as_bytes())?;
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    // SQLite makes a copy.
    sqlite::sqlite3_result_error(sb, context, bytes.as_ptr().cast(), length)
}
