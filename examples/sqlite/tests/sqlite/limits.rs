//! Queries that are too large or too long: each ends, and the database goes on.

use std::num::{IntErrorKind, ParseIntError};

use example_sqlite::{Database, Error};

use crate::support::{rows, text};

fn refused(sql: &str) -> Error {
    let mut db = Database::open_in_memory().unwrap();
    db.create_function("length_of", 1, |_| Ok(0.into())).unwrap();
    let error = db.query_each(sql, (), |(), _| Ok(())).unwrap_err();
    assert_eq!(text(&mut db, "SELECT 'alive'"), "alive");
    error
}

#[test]
fn a_query_without_end_ends_when_its_closure_has_seen_enough() {
    let mut db = Database::open_in_memory().unwrap();
    let endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    let error = db
        .query_each(endless, 0, |seen, _| {
            *seen += 1;
            if *seen < 1000 { Ok(()) } else { Err("enough".into()) }
        })
        .unwrap_err();
    assert!(matches!(error, Error::Stopped(failure) if failure.to_string() == "enough"));
    assert_eq!(text(&mut db, "SELECT 'alive'"), "alive");
}

#[test]
fn an_error_of_the_closure_comes_back_whole_and_the_database_goes_on() {
    let mut db = Database::open_in_memory().unwrap();
    let parse = |sum: &mut i64, row: &[Option<String>]| {
        *sum += row[0].as_deref().unwrap_or_default().parse::<i64>()?;
        Ok(())
    };
    let error = db.query_each("SELECT 7 UNION ALL SELECT 'eight'", 0, parse).unwrap_err();
    let Error::Stopped(failure) = error else { panic!("{error:?}") };
    assert_eq!(failure.downcast_ref::<ParseIntError>().unwrap().kind(), &IntErrorKind::InvalidDigit);
    assert_eq!(db.query_each("SELECT 7 UNION ALL SELECT 8", 0, parse).unwrap(), 15);
}

#[test]
fn a_row_that_is_too_large_is_not_read() {
    assert!(matches!(refused("SELECT hex(zeroblob(9000000))"), Error::TooLarge { limit: 16_777_216 }));
    let columns = ["hex(x)"; 10].join(", ");
    assert!(matches!(refused(&format!("SELECT {columns} FROM (SELECT zeroblob(900000) AS x)")), Error::TooLarge { .. }));
}

#[test]
fn an_argument_that_is_too_large_is_an_error_of_the_sql() {
    let error = refused("SELECT length_of(zeroblob(17000000))");
    assert!(matches!(error, Error::Sql { code: 1, message } if message.ends_with("need more than 16777216 bytes")));
}

#[test]
fn a_text_of_a_row_that_is_not_utf_8_ends_the_query() {
    assert!(matches!(refused("SELECT CAST(x'ff' AS TEXT)"), Error::NotUtf8));
}

#[test]
fn memory_has_an_end() {
    assert!(matches!(refused("SELECT length(hex(zeroblob(200000000)))"), Error::OutOfMemory));
}

#[test]
fn what_does_not_fit_the_page_cache_is_sorted_in_memory() {
    let mut db = Database::open_in_memory().unwrap();
    let sql = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 30000) SELECT x FROM n ORDER BY (x * 7919) % 30011, hex(zeroblob(100))";
    assert_eq!(rows(&mut db, sql).len(), 30_000);
    db.execute("CREATE TABLE t AS SELECT 1 AS x; VACUUM").unwrap();
}
