//! The guest is taken over: it calls back when and with what it likes. Each attack ends the database with an error.

use sandbox::{AppPointerError, Void};

use super::*;
use crate::guest::sqlite::{sqlite3_context, sqlite3_value};

/// Lets an attacker in the guest call a callback in the place of SQLite, and returns what the callback found.
fn attack(call: impl FnOnce(&mut Database) -> sandbox::Result<()>) -> sandbox::Error {
    let mut db = Database::open_in_memory().unwrap();
    let error = call(&mut db).unwrap_err();
    assert!(db.sandbox.is_poisoned());
    assert!(matches!(db.execute("SELECT 1"), Err(Error::Sandbox(sandbox::Error::Poisoned { .. }))));
    match error {
        sandbox::Error::Callback { error, .. } => *error.downcast().unwrap(),
        error => panic!("{error:?}"),
    }
}

/// An address of the attacker's choice.
fn address<T>(db: &Database, address: u32) -> Ptr<T>
where
    T: sandbox::Pointee<Library>,
{
    let somewhere: Ptr<u8> = db.handle.cast();
    somewhere.add(address).sub(somewhere.address()).cast()
}

/// Gives a row of texts of 1 MiB to a query that is under way, and returns whether the query is to
/// go on, and its end.
fn row(db: &mut Database, count: i32, texts: Ptr<Ptr<u8>>) -> sandbox::Result<(bool, Result<u32>)> {
    row_of(db, count, texts, 1 << 20)
}

/// The same, of texts of any length.
fn row_of(db: &mut Database, count: i32, texts: Ptr<Ptr<u8>>, length: i32) -> sandbox::Result<(bool, Result<u32>)> {
    let rows = db.sandbox.register_app(Rows::new(0_u32, |count, row| {
        *count += u32::try_from(row.len())?;
        Ok(())
    }))?;
    let lengths = db.sandbox.alloc::<i32>(2000)?;
    db.sandbox.write_slice(lengths.as_ptr(), &[Tainted::new(length); 2000])?;
    let code = db.on_row.as_fn_ptr().call(&mut db.sandbox, (&rows, count, texts, &lengths))?;
    Ok((code.unverified_because("a test looks at it") == 0, db.sandbox.take_app(rows)?.finish()))
}

/// Calls a function of one argument, with a context that the attacker has made: of its fields only the function counts, and of the function's the
/// user data.
fn call(db: &mut Database, count: i32, values: Ptr<Ptr<sqlite3_value>>) -> sandbox::Result<()> {
    db.create_function("f", 1, |_| Ok(Value::Null)).unwrap();
    let user_data = db.functions[&("f".to_owned(), 1)].as_ptr();
    let forged = db.sandbox.alloc::<Ptr<Void>>(5)?;
    db.sandbox.write(forged.as_ptr().add(1), forged.as_ptr().add(2).cast::<Void>())?;
    db.sandbox.write(forged.as_ptr().add(4), user_data)?;
    let context: Ptr<sqlite3_context> = forged.as_ptr().cast();
    db.on_call.as_fn_ptr().call(&mut db.sandbox, (context, count, values))
}

/// A text as SQLite represents it: 8 bytes of no interest, address, length, flags and encoding.
fn text(db: &mut Database, address: u32, length: i32) -> sandbox::Result<Ptr<Ptr<sqlite3_value>>> {
    const UTF_8_TEXT: u32 = 0x1_0202;
    let forged = db.sandbox.alloc::<u32>(16)?;
    let fields = [0, 0, address, length.cast_unsigned(), UTF_8_TEXT].map(Tainted::new);
    db.sandbox.write_slice(forged.as_ptr(), &fields)?;
    let values = db.sandbox.alloc::<Ptr<sqlite3_value>>(1)?;
    db.sandbox.write(values.as_ptr(), forged.leak().cast())?;
    Ok(values.leak())
}

#[test]
fn a_row_of_fewer_than_no_columns_or_of_too_many_is_refused() {
    for count in [-1, i32::MIN, 2001, i32::MAX] {
        let error = attack(|db| row(db, count, address(db, 1024)).map(drop));
        assert!(matches!(error, sandbox::Error::Verify(_)), "{count}: {error:?}");
    }
}

#[test]
fn a_row_outside_of_guest_memory_is_refused() {
    let error = attack(|db| row(db, 2000, address(db, 0xffff_fff0)).map(drop));
    assert!(matches!(error, sandbox::Error::Memory(MemoryError::OutOfBounds { .. })), "{error:?}");
}

#[test]
fn a_text_outside_of_guest_memory_is_refused() {
    let error = attack(|db| {
        let (outside, texts) = (address(db, 0xffff_fff0), db.sandbox.alloc(1)?);
        db.sandbox.write(texts.as_ptr(), outside)?;
        row(db, 1, texts.as_ptr()).map(drop)
    });
    assert!(matches!(error, sandbox::Error::Memory(MemoryError::OutOfBounds { .. })), "{error:?}");
}

#[test]
fn a_text_of_an_impossible_length_is_refused() {
    for length in [-1, i32::MIN] {
        let error = attack(|db| {
            let (inside, texts) = (address(db, 1024), db.sandbox.alloc(1)?);
            db.sandbox.write(texts.as_ptr(), inside)?;
            row_of(db, 1, texts.as_ptr(), length).map(drop)
        });
        assert!(matches!(error, sandbox::Error::Verify(_)), "{length}: {error:?}");
    }
    // More than a row may have, wherever that ends.
    let mut db = Database::open_in_memory().unwrap();
    let texts = db.sandbox.alloc(1).unwrap();
    let inside = address(&db, 1024);
    db.sandbox.write(texts.as_ptr(), inside).unwrap();
    let (go_on, end) = row_of(&mut db, 1, texts.as_ptr(), i32::MAX).unwrap();
    assert!(!go_on && matches!(end, Err(Error::TooLarge { .. })));
}

#[test]
fn one_text_in_all_columns_counts_for_each() {
    let mut db = Database::open_in_memory().unwrap();
    let text = db.sandbox.copy_in(&[b'x'; 1 << 20]).unwrap();
    let texts = db.sandbox.alloc(2000).unwrap();
    db.sandbox.write_slice(texts.as_ptr(), &[text.as_ptr(); 2000]).unwrap();
    let (go_on, end) = row(&mut db, 15, texts.as_ptr()).unwrap();
    assert!(go_on && matches!(end, Ok(15)));
    let (go_on, end) = row(&mut db, 2000, texts.as_ptr()).unwrap();
    assert!(!go_on && matches!(end, Err(Error::TooLarge { .. })));
}

#[test]
fn a_row_for_no_query_is_refused() {
    let error = attack(|db| {
        let (forged, no_texts, lengths) = (address(db, 1024), address(db, 1024), address(db, 1024));
        db.on_row.as_fn_ptr().call(&mut db.sandbox, (forged, 0, no_texts, lengths)).map(drop)
    });
    assert!(matches!(error, sandbox::Error::AppPointer(AppPointerError::Forged)), "{error:?}");
}

#[test]
fn a_row_after_the_query_was_given_up_is_not_taken() {
    let mut db = Database::open_in_memory().unwrap();
    let rows = db.sandbox.register_app(Rows::new(0, |calls, _| {
        *calls += 1;
        assert_eq!(*calls, 1);
        Err("enough".into())
    }));
    let (rows, no_texts, lengths) = (rows.unwrap(), address(&db, 1024), address(&db, 1024));
    for _ in 0..2 {
        let code = db.on_row.as_fn_ptr().call(&mut db.sandbox, (&rows, 0, no_texts, lengths)).unwrap();
        assert_eq!(code.unverified_because("a test looks at it"), 1);
    }
    let end: Result<i32> = db.sandbox.take_app(rows).unwrap().finish();
    assert!(matches!(end, Err(Error::Stopped(_))));
}

#[test]
fn a_call_of_no_function_is_refused() {
    let error = attack(|db| {
        let (context, values) = (address(db, 1024), address(db, 1024));
        db.on_call.as_fn_ptr().call(&mut db.sandbox, (context, 1, values))
    });
    assert!(matches!(error, sandbox::Error::AppPointer(AppPointerError::Forged)), "{error:?}");
}

#[test]
fn a_call_with_another_number_of_arguments_is_refused() {
    for count in [-1, 0, 2, i32::MAX] {
        let error = attack(|db| call(db, count, address(db, 1024)));
        assert!(matches!(error, sandbox::Error::Verify(_)), "{count}: {error:?}");
    }
}

#[test]
fn an_argument_of_less_than_no_bytes_is_refused() {
    let error = attack(|db| {
        let values = text(db, 1024, -1)?;
        call(db, 1, values)
    });
    assert!(matches!(error, sandbox::Error::Verify(_)), "{error:?}");
}

#[test]
fn an_argument_outside_of_guest_memory_is_refused() {
    let error = attack(|db| {
        let values = text(db, 0xffff_fff0, 32)?;
        call(db, 1, values)
    });
    assert!(matches!(error, sandbox::Error::Memory(MemoryError::OutOfBounds { .. })), "{error:?}");
}
