//! SQL functions that are closures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use example_sqlite::{Database, Error, Value};
use rusqlite::Connection;

use crate::support::{native_rows, rows, text};

/// A database with a function that returns its argument.
fn with_same() -> Database {
    let mut db = Database::open_in_memory().unwrap();
    db.create_function("same", 1, |values| Ok(values[0].clone())).unwrap();
    db
}

fn sql_error(error: Error) -> String {
    match error {
        Error::Sql { code: 1, message } => message,
        error => panic!("{error:?}"),
    }
}

#[test]
fn each_kind_of_value_goes_through_a_function() {
    let (mut db, native) = (with_same(), Connection::open_in_memory().unwrap());
    for value in [
        "NULL",
        "0",
        "-9223372036854775808",
        "9223372036854775807",
        "0.1",
        "1e308",
        "9e999",
        "''",
        "'it''s é€😀'",
        "x''",
        "x'00ff27'",
        "zeroblob(100000)",
        "CAST(x'610062' AS TEXT)",
    ] {
        let expected = native_rows(&native, &format!("SELECT typeof({value}), quote({value}), hex({value})"));
        assert_eq!(rows(&mut db, &format!("SELECT typeof(same({value})), quote(same({value})), hex(same({value}))")), expected, "{value}");
    }
}

#[test]
fn a_function_keeps_what_its_closure_has_captured() {
    let mut db = Database::open_in_memory().unwrap();
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    db.create_function("tick", 0, move |_| Ok(Value::Integer(counted.fetch_add(1, Ordering::Relaxed).cast_signed()))).unwrap();
    assert_eq!(rows(&mut db, "SELECT tick(), tick() UNION ALL SELECT tick(), tick()").len(), 2);
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    drop(db);
    assert_eq!(Arc::strong_count(&calls), 1);
}

#[test]
fn functions_of_one_name_differ_in_their_number_of_arguments() {
    let mut db = Database::open_in_memory().unwrap();
    for arguments in 0..=3 {
        db.create_function("count_me", arguments, |values| Ok(Value::Integer(values.len().try_into()?))).unwrap();
    }
    assert_eq!(text(&mut db, "SELECT count_me() || count_me(9) || count_me(9, 9) || count_me(9, 9, 9)"), "0123");
}

#[test]
fn a_function_is_replaced_whatever_the_case_of_its_name() {
    let mut db = with_same();
    db.create_function("SAME", 1, |_| Ok("other".into())).unwrap();
    assert_eq!(text(&mut db, "SELECT same(1)"), "other");
}

#[test]
fn a_failure_of_a_function_is_an_error_of_the_sql_and_no_more() {
    let mut db = Database::open_in_memory().unwrap();
    db.create_function("fussy", 1, |_| Err("I don't like it\u{1b}".into())).unwrap();
    assert_eq!(sql_error(db.execute("SELECT fussy(1)").unwrap_err()), "I don't like it\\u{1b}");
    assert_eq!(text(&mut db, "SELECT 'alive'"), "alive");
}

#[test]
fn a_text_that_is_not_utf_8_does_not_reach_a_function() {
    assert_eq!(sql_error(with_same().execute("SELECT same(CAST(x'ff' AS TEXT))").unwrap_err()), "a text is not UTF-8");
}

#[test]
fn a_wrong_number_of_arguments_is_an_error_of_the_sql() {
    assert_eq!(sql_error(with_same().execute("SELECT same(1, 2)").unwrap_err()), "wrong number of arguments to function same()");
}

#[test]
fn a_function_with_an_impossible_name_is_refused() {
    let mut db = Database::open_in_memory().unwrap();
    assert!(matches!(db.create_function(&"x".repeat(300), 0, |_| Ok(Value::Null)), Err(Error::Sql { code: 21, .. })));
    assert!(matches!(db.create_function("a\0b", 0, |_| Ok(Value::Null)), Err(Error::Nul(_))));
}
