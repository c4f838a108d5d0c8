//! SQL that fails: with the native library's code and message.

use example_sqlite::{Database, Error, Value};
use rusqlite::Connection;

use crate::support::text;

const SCHEMA: &str = "CREATE TABLE t (x INTEGER PRIMARY KEY, y NOT NULL CHECK (y > 0), z UNIQUE); INSERT INTO t VALUES (1, 2, 3)";

fn native(db: &Connection, sql: &str) -> (i32, String) {
    match db.execute_batch(sql).unwrap_err() {
        rusqlite::Error::SqliteFailure(error, Some(message)) => (error.extended_code & 0xff, message),
        rusqlite::Error::SqlInputError { error, msg, .. } => (error.extended_code & 0xff, msg),
        error => panic!("{error:?}"),
    }
}

#[test]
fn what_the_native_library_refuses_is_refused_with_its_words() {
    let mut db = Database::open_in_memory().unwrap();
    let connection = Connection::open_in_memory().unwrap();
    db.execute(SCHEMA).unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    for sql in [
        "SELEKT 1",
        "SELECT",
        "SELECT 'open",
        "SELECT * FROM treasure",
        "SELECT treasure FROM t",
        "SELECT treasure()",
        "INSERT INTO t VALUES (1, 1, 1)",
        "INSERT INTO t VALUES (2, 1, 3)",
        "INSERT INTO t VALUES (2, 0, 1)",
        "INSERT INTO t VALUES (2, NULL, 1)",
        "INSERT INTO t VALUES ('text', 1, 1)",
        "INSERT INTO t VALUES (1)",
        "CREATE TABLE t (x)",
        "COMMIT",
        "SELECT abs(-9223372036854775808)",
        "SELECT x'1'",
        "SELECT * FROM sqlite_master WHERE",
        "PRAGMA wal_checkpoint; DROP TABLE sqlite_master",
        "SELECT zeroblob(2000000000)",
        "SELECT '\u{1f600}' FROM \u{e9}",
    ] {
        let expected = native(&connection, sql);
        match db.execute(sql).unwrap_err() {
            Error::Sql { code, message } => assert_eq!((code, message), expected, "{sql}"),
            error => panic!("{sql}: {error:?}"),
        }
    }
    assert_eq!(text(&mut db, "SELECT x || y || z FROM t"), "123");
}

#[test]
fn there_are_no_files_no_clock_and_no_randomness() {
    let mut db = Database::open_in_memory().unwrap();
    let Error::Sql { code: 14, message } = db.execute("ATTACH '/etc/passwd' AS secret").unwrap_err() else { panic!() };
    assert_eq!(message, "unable to open database: /etc/passwd");
    assert_eq!(text(&mut db, "SELECT coalesce(datetime('now'), 'no clock')"), "no clock");
    assert_eq!(text(&mut db, "SELECT random()"), text(&mut Database::open_in_memory().unwrap(), "SELECT random()"));
}

#[test]
fn a_row_that_fails_ends_what_is_executed_for_each() {
    let mut db = Database::open_in_memory().unwrap();
    db.execute(SCHEMA).unwrap();
    let rows = [10, 11, 1, 12].map(|x| [Value::from(x), x.into(), x.into()]);
    let error = db.execute_each("INSERT INTO t VALUES (?, ?, ?)", rows).unwrap_err();
    assert!(matches!(error, Error::Sql { code: 19, .. }), "{error:?}");
    assert_eq!(text(&mut db, "SELECT group_concat(x) FROM t"), "1,10,11");
}

#[test]
fn no_statement_and_too_many_values_are_errors() {
    let mut db = Database::open_in_memory().unwrap();
    assert!(matches!(db.execute_each(" -- nothing", [[Value::Null]]), Err(Error::Sql { code: 21, .. })));
    assert!(matches!(db.execute_each("SELECT 1", [[Value::Null]]), Err(Error::Sql { code: 25, .. })));
    assert!(matches!(db.execute("SELECT 1\0"), Err(Error::Nul(_))));
    db.execute("").unwrap();
}
