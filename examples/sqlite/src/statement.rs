//! A prepared statement, executed again and again.

use std::ffi::CStr;

use sandbox::{Allocation, null};

use crate::function::UTF_8;
use crate::guest::sqlite::{self, sqlite3_stmt};
use crate::guest::{Library, Ptr};
use crate::{Database, Error, Result, Value};

/// A statement in the guest. It stays there until it is finalized.
#[derive(Clone, Copy)]
pub(crate) struct Statement(Ptr<sqlite3_stmt>);

impl Statement {
    /// Compiles the first statement of `sql`.
    pub(crate) fn prepare(db: &mut Database, sql: &CStr) -> Result<Self> {
        let sb = &mut db.sandbox;
        let (sql, place) = (sb.copy_in_c_str(sql)?, sb.alloc(1)?);
        let code = sqlite::sqlite3_prepare_v2(sb, db.handle, &sql, -1, &place, null())?;
        db.check(code)?;
        let statement: Ptr<sqlite3_stmt> = db.sandbox.read(place.as_ptr())?;
        if statement.is_null() {
            return Err(Error::Sql { code: sqlite::SQLITE_MISUSE, message: "there is no statement".to_owned() });
        }
        Ok(Self(statement))
    }

    /// Executes the statement to its end, with a value for each parameter.
    pub(crate) fn run(self, db: &mut Database, values: &[Value]) -> Result<()> {
        // What is bound is in these blocks until the statement has run.
        let mut blocks = Vec::new();
        for (number, value) in (1..).zip(values) {
            self.bind(db, number, value, &mut blocks)?;
        }
        let result = self.step(db);
        // The code of the step comes again.
        let _again = sqlite::sqlite3_reset(&mut db.sandbox, self.0)?;
        result
    }

    fn step(self, db: &mut Database) -> Result<()> {
        let code = sqlite::sqlite3_step(&mut db.sandbox, self.0)?;
        match code.unverified_because("it only decides whether this is an error") {
            // The rows of a statement that has some are of no interest.
            sqlite::SQLITE_DONE | sqlite::SQLITE_ROW => Ok(()),
            code => Err(db.explain(code)?),
        }
    }

    fn bind(self, db: &mut Database, number: i32, value: &Value, blocks: &mut Vec<Allocation<u8, Library>>) -> Result<()> {
        let (sb, statement) = (&mut db.sandbox, self.0);
        let mut block = |sb: &mut sandbox::Sandbox<Library>, bytes: &[u8]| {
            // A pointer to no bytes, where null would mean no value.
            let block = sb.copy_in(if bytes.is_empty() { &[0] } else { bytes })?;
            let pointer = block.as_ptr();
            blocks.push(block);
            Ok::<_, Error>(pointer)
        };
        let code = match value {
            Value::Null => sqlite::sqlite3_bind_null(sb, statement, number)?,
            Value::Integer(integer) => sqlite::sqlite3_bind_int64(sb, statement, number, *integer)?,
            Value::Real(real) => sqlite::sqlite3_bind_double(sb, statement, number, *real)?,
            Value::Text(text) => {
                let bytes = block(sb, text.as_bytes())?;
                sqlite::sqlite3_bind_text64(sb, statement, number, bytes.cast(), text.len() as u64, null(), UTF_8)?
            }
            Value::Blob(blob) => {
                let bytes = block(sb, blob)?;
                sqlite::sqlite3_bind_blob64(sb, statement, number, bytes.cast(), blob.len() as u64, null())?
            }
        };
        db.check(code)
    }

    /// Gives the statement's memory back.
    pub(crate) fn finalize(self, db: &mut Database) -> Result<()> {
        // The code of the last step comes again.
        let _again = sqlite::sqlite3_finalize(&mut db.sandbox, self.0)?;
        Ok(())
    }
}
