//! A database in a sandbox of its own.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fmt;

use sandbox::{AppPtr, Callback, MemoryError, Sandbox, Tainted, null};

use crate::function::{self, Function};
use crate::guest::sqlite::{self, rows_callback, sqlite3, sqlite3_create_function_v2_xFunc};
use crate::guest::{Library, Ptr};
use crate::query::{self, Rows};
use crate::statement::Statement;
use crate::{Error, Failure, Result, Value};

/// As much as is read of SQLite's messages, in bytes.
const MESSAGE: u32 = 4096;

/// A database in memory, in a sandbox of its own.
///
/// # Trust
///
/// SQL that takes SQLite over decides what is in the tables, what queries answer, and when the closures are called with what; it reaches nothing
/// else. Strings are UTF-8 all the same, and a row, or the arguments of a function, take at most 16 MiB of the host's memory. There is no limit to the time that SQL takes, nor to
/// the number of rows: a closure that has seen enough gives up.
///
/// There is no file, clock or randomness: `ATTACH` fails, the date and time functions know no `'now'`, and `random()` gives the same
/// numbers each time.
///
/// # Examples
///
/// ```
/// use example_sqlite::Database;
///
/// let mut db = Database::open_in_memory()?;
/// db.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")?;
/// assert!(db.execute("ATTACH 'secret.db' AS secret").is_err());
/// # Ok::<(), example_sqlite::Error>(())
/// ```
pub struct Database {
    pub(crate) sandbox: Sandbox<Library>,
    pub(crate) handle: Ptr<sqlite3>,
    on_row: Callback<rows_callback>,
    on_call: Callback<sqlite3_create_function_v2_xFunc>,
    /// What the SQL functions are, by their name in lower case and their number of arguments.
    functions: BTreeMap<(String, u8), AppPtr<Function, Library>>,
}

impl Database {
    /// Makes a sandbox with an empty database in it.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the compiled library does not fit this machine or process.
    ///
    /// # Examples
    ///
    /// ```
    /// let db = example_sqlite::Database::open_in_memory()?;
    /// # Ok::<(), example_sqlite::Error>(())
    /// ```
    pub fn open_in_memory() -> Result<Self> {
        let mut sandbox = Sandbox::new()?;
        let (name, place) = (sandbox.copy_in_c_str(c":memory:")?, sandbox.alloc(1)?);
        let code = sqlite::sqlite3_open(&mut sandbox, &name, &place)?;
        let handle = sandbox.read(place.as_ptr())?;
        let (on_row, on_call) = (query::handler(&mut sandbox)?, function::handler(&mut sandbox)?);
        let mut db = Self { sandbox, handle, on_row, on_call, functions: BTreeMap::new() };
        db.check(code)?;
        Ok(db)
    }

    /// Executes SQL, of one or more statements, without looking at rows.
    ///
    /// # Errors
    ///
    /// [`Error::Sql`], [`Error::Nul`], [`Error::OutOfMemory`]; [`Error::Sandbox`] if the SQL has taken SQLite over.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut db = example_sqlite::Database::open_in_memory()?;
    /// db.execute("BEGIN; CREATE TABLE t (x); COMMIT")?;
    /// # Ok::<(), example_sqlite::Error>(())
    /// ```
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        let sql = self.sandbox.copy_in_c_str(&CString::new(sql)?)?;
        let code = sqlite::sqlite3_exec(&mut self.sandbox, self.handle, &sql, null(), null(), null())?;
        self.check(code)
    }

    /// Executes one statement again and again, each time with the values of a row for its parameters, and returns how often.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute), of the first row that fails. The rows before it were executed: a transaction around makes it all or nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_sqlite::{Database, Value};
    ///
    /// let mut db = Database::open_in_memory()?;
    /// db.execute("CREATE TABLE squares (x INTEGER, square INTEGER)")?;
    /// let squares = (0..10).map(|x| [Value::from(x), Value::from(x * x)]);
    /// assert_eq!(db.execute_each("INSERT INTO squares VALUES (?1, ?2)", squares)?, 10);
    /// # Ok::<(), example_sqlite::Error>(())
    /// ```
    pub fn execute_each<const N: usize>(&mut self, sql: &str, rows: impl IntoIterator<Item = [Value; N]>) -> Result<u64> {
        let statement = Statement::prepare(self, &CString::new(sql)?)?;
        let executed = rows.into_iter().try_fold(0, |executed: u64, row| statement.run(self, &row).map(|()| executed.saturating_add(1)));
        let finalized = statement.finalize(self);
        // The first error is the one that says what went wrong.
        executed.and_then(|executed| finalized.map(|()| executed))
    }

    /// Executes SQL and calls a closure for each row, as it is found, with a value of the caller's. Returns the value.
    ///
    /// A row is a text for each column, whole even if there are NULs in it, or `None` for NULL. The
    /// closure ends the query by returning an error.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute); [`Error::Stopped`] with the closure's error; [`Error::NotUtf8`] and [`Error::TooLarge`] for what is in a row.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_sqlite::Database;
    ///
    /// let mut db = Database::open_in_memory()?;
    /// db.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (NULL), (3)")?;
    /// let sum = db.query_each("SELECT x FROM t", 0, |sum: &mut i64, row| {
    ///     if let Some(x) = &row[0] {
    ///         *sum += x.parse::<i64>()?;
    ///     }
    ///     Ok(())
    /// })?;
    /// assert_eq!(sum, 4);
    /// # Ok::<(), example_sqlite::Error>(())
    /// ```
    pub fn query_each<T: Send + 'static>(
        &mut self,
        sql: &str,
        state: T,
        each: impl FnMut(&mut T, &[Option<String>]) -> Result<(), Failure> + Send + 'static,
    ) -> Result<T> {
        let sb = &mut self.sandbox;
        let sql = sb.copy_in_c_str(&CString::new(sql)?)?;
        let rows = sb.register_app(Rows::new(state, each))?;
        let code = sqlite::rows_each(sb, self.handle, &sql, &self.on_row, &rows)?;
        let state = sb.take_app(rows)?.finish()?;
        self.check(code)?;
        Ok(state)
    }

    /// Makes a SQL function of a closure, in place of one of the same name and number of arguments.
    ///
    /// An error of the closure makes the SQL that called the function fail, with the error's message.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    ///
    /// # Examples
    ///
    /// ```
    /// use example_sqlite::{Database, Value};
    ///
    /// let mut db = Database::open_in_memory()?;
    /// db.create_function("gcd", 2, |arguments| match arguments {
    ///     &[Value::Integer(mut a), Value::Integer(mut b)] => {
    ///         while b != 0 {
    ///             (a, b) = (b, a % b);
    ///         }
    ///         Ok(a.into())
    ///     }
    ///     _ => Err("gcd takes integers".into()),
    /// })?;
    /// let gcd = db.query_each("SELECT gcd(12, 18)", None, |gcd, row| Ok(*gcd = row[0].clone()))?;
    /// assert_eq!(gcd.as_deref(), Some("6"));
    /// # Ok::<(), example_sqlite::Error>(())
    /// ```
    pub fn create_function(
        &mut self,
        name: &str,
        arguments: u8,
        closure: impl Fn(&[Value]) -> Result<Value, Failure> + Send + 'static,
    ) -> Result<()> {
        let sb = &mut self.sandbox;
        let c_name = sb.copy_in_c_str(&CString::new(name)?)?;
        let function = sb.register_app(Function { arguments, closure: Box::new(closure) })?;
        let (handle, count, call) = (self.handle, i32::from(arguments), &self.on_call);
        let code =
            sqlite::sqlite3_create_function_v2(sb, handle, &c_name, count, sqlite::SQLITE_UTF8, &function, call, null(), null(), null())?;
        self.check(code)?;
        self.functions.insert((name.to_ascii_lowercase(), arguments), function);
        Ok(())
    }

    /// Makes an error of a result code that says so.
    pub(crate) fn check(&mut self, code: Tainted<i32, Library>) -> Result<()> {
        match code.unverified_because("it only decides whether this is an error") {
            sqlite::SQLITE_OK => Ok(()),
            code => Err(self.explain(code)?),
        }
    }

    /// Asks SQLite what went wrong last.
    pub(crate) fn explain(&mut self, code: i32) -> Result<Error> {
        if code == sqlite::SQLITE_NOMEM {
            return Ok(Error::OutOfMemory);
        }
        let sb = &mut self.sandbox;
        let message = sqlite::sqlite3_errmsg(sb, self.handle)?;
        let message = match sb.read_c_str(message, MESSAGE) {
            Err(sandbox::Error::Memory(MemoryError::NoTerminator { .. })) => "an error whose message is too long".to_owned(),
            message => message?.verify(|message| Ok::<_, Error>(shown(&message.to_string_lossy())))?,
        };
        Ok(Error::Sql { code, message })
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions: Vec<_> = self.functions.keys().collect();
        f.debug_struct("Database").field("sandbox", &self.sandbox).field("functions", &functions).finish()
    }
}

/// Escapes what could drive a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '"' | '\'' | '\\') { c.to_string() } else { c.escape_debug().to_string() }).collect()
}

#[cfg(test)]
mod attacks;
