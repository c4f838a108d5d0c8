//! Functions of the guest as values: passed to C, and called when C returns them.

use sandbox::{Error, FunctionPointerError, TaintedFn};

use super::{calls, fresh, value, works};

#[test]
fn an_exported_function_has_the_address_that_c_knows() {
    let sb = &mut fresh();
    let add = sb.fn_ptr(calls::functions::calls_add).unwrap();
    assert_eq!(value(calls::calls_apply(sb, add, 40, 2).unwrap()), 42);
    assert_eq!(value(calls::calls_is_add(sb, add).unwrap()), 1);
    let again = sb.fn_ptr(calls::functions::calls_add).unwrap();
    assert_eq!(value(calls::calls_is_add(sb, again).unwrap()), 1);
}

#[test]
fn a_function_whose_address_c_never_takes_gets_one() {
    let sb = &mut fresh();
    let kept = sb.fn_ptr(calls::functions::calls_kept).unwrap();
    let mul = sb.fn_ptr(calls::functions::calls_mul).unwrap();
    calls::calls_keep(sb, mul).unwrap();
    assert_eq!(value(calls::calls_apply(sb, kept, 6, 7).unwrap()), 42);
    sb.reset().unwrap();
    assert!(matches!(calls::calls_apply(sb, kept, 6, 7), Err(Error::WrongSandbox { .. })));
    let kept = sb.fn_ptr(calls::functions::calls_kept).unwrap();
    let mul = sb.fn_ptr(calls::functions::calls_mul).unwrap();
    calls::calls_keep(sb, mul).unwrap();
    assert_eq!(value(calls::calls_apply(sb, kept, 6, 7).unwrap()), 42);
}

#[test]
fn a_function_pointer_that_c_returned_is_called() {
    let sb = &mut fresh();
    for (name, result) in [(b'+', 9), (b'*', 14), (b'-', 5)] {
        // The last is `static` in the library: nothing but this pointer reaches it.
        let operation = calls::calls_operation(sb, name.cast_signed()).unwrap();
        assert_eq!(value(operation.call(sb, (7, 2)).unwrap()), result);
        assert_eq!(value(calls::calls_apply(sb, operation, 7, 2).unwrap()), result);
    }
}

#[test]
fn a_function_pointer_reaches_a_callback_too() {
    let sb = &mut fresh();
    let callback = sb.register_callback::<calls::calls_descend_f, _>(|_, depth| Ok(depth + 1)).unwrap();
    assert_eq!(value(callback.as_fn_ptr().call(sb, 1).unwrap()), 2);
    let pointer = callback.as_fn_ptr();
    drop(callback);
    let Err(Error::FunctionPointer(FunctionPointerError::Dangling { .. })) = pointer.call(sb, 1) else { panic!("it can be called") };
    works(sb);
}

#[test]
fn a_function_pointer_that_cannot_be_called_is_an_error_before_anything_runs() {
    let sb = &mut fresh();
    let error = |result: sandbox::Result<_>| match result.map(value) {
        Err(Error::FunctionPointer(error)) => error,
        other => panic!("{other:?}"),
    };
    let null = calls::calls_operation(sb, 0).unwrap();
    assert!(null.is_null());
    assert_eq!(error(null.call(sb, (1, 2))), FunctionPointerError::Null);

    // Addresses of the guest's choice: in a struct that C fills.
    let place = sb.alloc::<u32>(1).unwrap();
    let mut at = |address: u32| -> TaintedFn<fn(i32, i32) -> i32, calls::Library> {
        sb.write(place.as_ptr(), address).unwrap();
        sb.read(place.as_ptr().cast::<calls::calls_binary>()).unwrap()
    };
    let (far, last) = (at(1_000_000), at(u32::MAX));
    let sizeless = at(0x7fff_ffff);
    for pointer in [far, last, sizeless] {
        assert!(matches!(error(pointer.call(sb, (1, 2))), FunctionPointerError::Dangling { .. }));
    }
    // One of another type: calls_descend takes a function and a number.
    let other = sb.fn_ptr(calls::functions::calls_trap).unwrap();
    let slot = sb.alloc::<TaintedFn<fn(), calls::Library>>(1).unwrap();
    sb.write(slot.as_ptr(), other).unwrap();
    let pretended = sb.read(slot.as_ptr().cast::<calls::calls_binary>()).unwrap();
    let wrong = error(pretended.call(sb, (1, 2)));
    assert_eq!(wrong, FunctionPointerError::Signature { expected: "fn(i32, i32) -> i32" });
    assert_eq!(
        Error::from(wrong).to_string(),
        "a function pointer of the guest points to a function of another type than `fn(i32, i32) -> i32`"
    );
    works(sb);
}

#[test]
fn a_function_pointer_of_another_sandbox_is_refused() {
    let (one, two) = (&mut fresh(), &mut fresh());
    let add = one.fn_ptr(calls::functions::calls_add).unwrap();
    assert!(matches!(add.call(two, (1, 2)), Err(Error::WrongSandbox { .. })));
    works(two);
}
