//! 100,000 rows in, and out again.

use std::time::Instant;

use example_sqlite::{Database, Failure, Value};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::support::{Both, native_rows, rows, text};

const ROWS: u64 = 100_000;

const SCHEMA: &str =
    "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL, data BLOB); CREATE INDEX by_name ON items (name)";
const INSERT: &str = "INSERT INTO items VALUES (?1, ?2, ?3, ?4)";

/// Rows of all types, which look random and are always the same.
fn items() -> impl Iterator<Item = [Value; 4]> {
    let mut state = 1_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    (0..ROWS).map(move |id| {
        let price = (random() % 7 != 0).then(|| random() as f64 / 1000.0);
        let data: Vec<u8> = (0..random() % 40).map(|_| random().to_le_bytes()[0]).collect();
        [Value::Integer(id.cast_signed()), format!("ítem {}", random() % 50_000).into(), price.into(), data.into()]
    })
}

/// The SQL function of both databases.
fn mix(values: &[Value]) -> Result<Value, Failure> {
    match values {
        [Value::Integer(id), Value::Text(name), Value::Blob(data)] => {
            let sum: i64 = data.iter().copied().map(i64::from).sum();
            Ok(format!("{}/{}", id.wrapping_mul(31).wrapping_add(sum), name.chars().rev().collect::<String>()).into())
        }
        _ => Err("mix takes an integer, a text and a blob".into()),
    }
}

fn sandboxed() -> Database {
    let mut db = Database::open_in_memory().unwrap();
    db.create_function("mix", 3, mix).unwrap();
    db.execute(SCHEMA).unwrap();
    db.execute("BEGIN").unwrap();
    assert_eq!(db.execute_each(INSERT, items()).unwrap(), ROWS);
    db.execute("COMMIT").unwrap();
    db
}

fn native() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.create_scalar_function("mix", 3, FunctionFlags::SQLITE_UTF8, |context| {
        let values: Vec<Value> = (0..3).map(|index| Both::from(context.get_raw(index)).0).collect();
        mix(&values).map(Both).map_err(rusqlite::Error::UserFunctionError)
    })
    .unwrap();
    db.execute_batch(SCHEMA).unwrap();
    db.execute_batch("BEGIN").unwrap();
    {
        let mut insert = db.prepare(INSERT).unwrap();
        for item in items() {
            insert.execute(item.map(Both)).unwrap();
        }
    }
    db.execute_batch("COMMIT").unwrap();
    db
}

#[test]
fn a_hundred_thousand_rows_are_those_of_the_native_library() {
    let began = Instant::now();
    let mut db = sandboxed();
    let inserted = Instant::now();
    let native = native();
    println!("{ROWS} rows inserted: native {:?}, in the sandbox {:?}", inserted.elapsed(), inserted - began);

    for sql in [
        "SELECT sqlite_version()",
        "SELECT CAST(id AS TEXT), name, CAST(price AS TEXT), hex(data) FROM items",
        "SELECT CAST(id AS TEXT), name FROM items ORDER BY name, id DESC",
        "SELECT mix(id, name, data) FROM items WHERE id % 5 = 0",
        "SELECT name, CAST(count(*) AS TEXT), CAST(total(price) AS TEXT) FROM items GROUP BY name HAVING count(*) > 1 ORDER BY name",
        "SELECT a.name, CAST(count(*) AS TEXT) FROM items a JOIN items b ON b.id = a.id + 1 WHERE b.price > a.price GROUP BY a.name ORDER BY a.name LIMIT 1000",
        "PRAGMA integrity_check",
    ] {
        let began = Instant::now();
        let rows = rows(&mut db, sql);
        let between = Instant::now();
        let expected = native_rows(&native, sql);
        println!("{} rows: native {:?}, in the sandbox {:?}: {sql}", rows.len(), between.elapsed(), between - began);
        assert!(rows == expected, "{sql}");
    }
    assert_eq!(text(&mut db, "PRAGMA integrity_check"), "ok");
    assert_eq!(text(&mut db, "SELECT count(*) FROM items"), ROWS.to_string());
}

#[test]
fn a_transaction_that_is_rolled_back_leaves_nothing() {
    let mut db = Database::open_in_memory().unwrap();
    db.execute("CREATE TABLE t (x); BEGIN").unwrap();
    db.execute_each("INSERT INTO t VALUES (?)", (0..1000).map(|x| [Value::from(x)])).unwrap();
    assert_eq!(text(&mut db, "SELECT count(*) FROM t"), "1000");
    db.execute("ROLLBACK").unwrap();
    assert_eq!(text(&mut db, "SELECT count(*) FROM t"), "0");
}

#[test]
fn each_kind_of_value_is_bound_as_it_is() {
    let mut db = Database::open_in_memory().unwrap();
    let native = Connection::open_in_memory().unwrap();
    let values: [Value; 14] = [
        Value::Null,
        0.into(),
        i64::MIN.into(),
        i64::MAX.into(),
        0.1.into(),
        (-0.0).into(),
        f64::MAX.into(),
        f64::INFINITY.into(),
        f64::NAN.into(),
        "".into(),
        "it's é€😀".into(),
        Vec::new().into(),
        vec![0, 255, 39].into(),
        "x".repeat(100_000).into(),
    ];
    for value in values {
        db.execute("DROP TABLE IF EXISTS t; CREATE TABLE t (x)").unwrap();
        db.execute_each("INSERT INTO t VALUES (?)", [[value.clone()]]).unwrap();
        let sql = "SELECT typeof(?1), quote(?1)";
        let expected: [String; 2] = native.query_row(sql, [Both(value)], |row| Ok([row.get(0)?, row.get(1)?])).unwrap();
        assert_eq!(rows(&mut db, "SELECT typeof(x), quote(x) FROM t"), [expected.map(Some)]);
    }
}

#[test]
fn a_text_with_nul_in_it_comes_out_whole() {
    let mut db = Database::open_in_memory().unwrap();
    let native = Connection::open_in_memory().unwrap();
    for setup in
        ["CREATE TABLE t (x); INSERT INTO t VALUES ('a' || char(0) || 'b'), (char(0)), (''), (NULL), (CAST(x'6100' AS TEXT)), (7)", ""]
    {
        db.execute(setup).unwrap();
        native.execute_batch(setup).unwrap();
    }
    db.execute_each("INSERT INTO t VALUES (?)", [["\0bound\0".into()]]).unwrap();
    native.execute("INSERT INTO t VALUES (?)", ["\0bound\0"]).unwrap();
    let found = rows(&mut db, "SELECT x FROM t");
    let expected = [Some("a\0b"), Some("\0"), Some(""), None, Some("a\0"), Some("7"), Some("\0bound\0")];
    assert_eq!(found, expected.map(|text| [text.map(str::to_owned)]));
    let mut select = native.prepare("SELECT CAST(x AS TEXT) FROM t").unwrap();
    let theirs = select.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap().map(Result::unwrap);
    assert!(theirs.eq(found.into_iter().map(|mut row| row.remove(0))));
}

#[test]
fn all_statements_are_executed_and_the_first_error_is_said() {
    let mut db = Database::open_in_memory().unwrap();
    let found = rows(&mut db, "SELECT 1; -- no statement\n ; SELECT 2;; SELECT 3 ");
    assert_eq!(found, ["1", "2", "3"].map(|text| [Some(text.to_owned())]));
    let each = |count: &mut u32, _: &[Option<String>]| -> Result<(), Failure> {
        *count += 1;
        Ok(())
    };
    let error = db.query_each("SELECT 1; SELECT missing; SELECT 2", 0, each).unwrap_err();
    assert!(error.to_string().contains("no such column: missing"), "{error}");
}
