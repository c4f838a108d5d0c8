//! Both databases, asked the same.

use example_sqlite::{Database, Value};
use rusqlite::types::{ToSqlOutput, Value as Native, ValueRef};
use rusqlite::{Connection, ToSql};

pub(crate) type Rows = Vec<Vec<Option<String>>>;

pub(crate) fn rows(db: &mut Database, sql: &str) -> Rows {
    db.query_each(sql, Rows::new(), |rows, row| {
        rows.push(row.to_vec());
        Ok(())
    })
    .unwrap()
}

/// The rows of a query whose columns are all texts.
pub(crate) fn native_rows(db: &Connection, sql: &str) -> Rows {
    let mut statement = db.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The one text that a query finds.
pub(crate) fn text(db: &mut Database, sql: &str) -> String {
    match rows(db, sql).as_slice() {
        [row] => row[0].clone().unwrap(),
        rows => panic!("{} rows", rows.len()),
    }
}

/// A value of both databases.
#[derive(Clone, Debug)]
pub(crate) struct Both(pub(crate) Value);

impl ToSql for Both {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(match self.0.clone() {
            Value::Null => Native::Null,
            Value::Integer(integer) => Native::Integer(integer),
            Value::Real(real) => Native::Real(real),
            Value::Text(text) => Native::Text(text),
            Value::Blob(blob) => Native::Blob(blob),
        }))
    }
}

impl From<ValueRef<'_>> for Both {
    fn from(value: ValueRef<'_>) -> Self {
        Self(match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => integer.into(),
            ValueRef::Real(real) => real.into(),
            ValueRef::Text(text) => str::from_utf8(text).unwrap().into(),
            ValueRef::Blob(blob) => blob.to_vec().into(),
        })
    }
}
