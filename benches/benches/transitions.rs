//! What it costs to go from Rust into C and back.

use std::hint::black_box;

use benches::{bench, native, raw};
use criterion::{Criterion, criterion_group, criterion_main};
use sandbox::Sandbox;
use wasmtime::Func;

/// So many callbacks in one call, so that the call itself does not count.
const CALLBACKS: i32 = 1000;

fn calls(c: &mut Criterion) {
    let guest = raw::Guest::load(4, 1 << 20);
    let (mut store, instance) = guest.instantiate();
    let mut sb = Sandbox::<bench::Library>::new().expect("a sandbox");
    let mut limited_sb = Sandbox::<bench::Library>::builder()
        .limits(sandbox::Limits::new().deadline(std::time::Duration::from_secs(3600)))
        .build()
        .expect("a sandbox");

    let mut group = c.benchmark_group("call, empty");
    group.bench_function("native", |b| b.iter(|| black_box(native::bench_empty as extern "C" fn())()));
    let empty = instance.get_typed_func::<(), ()>(&mut store, "bench_empty").expect("it is there");
    group.bench_function("wasmtime", |b| b.iter(|| empty.call(&mut store, ()).expect("it does nothing")));
    group.bench_function("sandbox", |b| b.iter(|| bench::bench_empty(&mut sb).expect("it does nothing")));
    group.bench_function("sandbox, deadline", |b| b.iter(|| bench::bench_empty(&mut limited_sb).expect("it does nothing")));
    group.finish();

    let mut group = c.benchmark_group("call, empty, by a shim in C that makes a thousand");
    group.throughput(criterion::Throughput::Elements(1000));
    group.bench_function("native", |b| b.iter(|| native::bench_call_empty(black_box(1000))));
    let many = instance.get_typed_func::<i32, ()>(&mut store, "bench_call_empty").expect("it is there");
    group.bench_function("wasmtime", |b| b.iter(|| many.call(&mut store, black_box(1000)).expect("it calls")));
    group.bench_function("sandbox", |b| b.iter(|| bench::bench_call_empty(&mut sb, black_box(1000)).expect("it calls")));
    group.finish();

    let mut group = c.benchmark_group("call, 4 arguments");
    let byte = 1_u8;
    #[allow(unsafe_code, reason = "C without a sandbox")]
    // SAFETY: the function only compares the pointer with null.
    group.bench_function("native", |b| {
        b.iter(|| unsafe { native::bench_four(black_box(1), black_box(2), black_box(3.0), &raw const byte) })
    });
    let four = instance.get_typed_func::<(i32, i64, f64, i32), i64>(&mut store, "bench_four").expect("it is there");
    group.bench_function("wasmtime", |b| b.iter(|| four.call(&mut store, black_box((1, 2, 3.0, 1024))).expect("it adds")));
    let place = sb.alloc::<u8>(1).expect("a byte");
    let place = place.as_ptr();
    group.bench_function("sandbox", |b| {
        b.iter(|| bench::bench_four(&mut sb, black_box(1), black_box(2), black_box(3.0), place).expect("it adds"));
    });
    group.finish();
}

fn callbacks(c: &mut Criterion) {
    let guest = raw::Guest::load(4, 1 << 20);
    let (mut store, instance) = guest.instantiate();
    let mut sb = Sandbox::<bench::Library>::new().expect("a sandbox");
    let call_back = instance.get_typed_func::<(i32, i32), i32>(&mut store, "bench_call_back").expect("it is there");

    let mut group = c.benchmark_group("callback");
    group.throughput(criterion::Throughput::Elements(1000));
    extern "C" fn same(value: i32) -> i32 {
        black_box(value)
    }
    group.bench_function("native", |b| b.iter(|| native::bench_call_back(same, CALLBACKS)));
    let function = Func::wrap(&mut store, |value: i32| black_box(value));
    let pointer = raw::register(&mut store, &instance, function);
    group.bench_function("wasmtime", |b| b.iter(|| call_back.call(&mut store, (pointer, CALLBACKS)).expect("it adds")));
    let callback = sb.register_callback::<bench::bench_callback, _>(|_, value| Ok(black_box(value))).expect("a slot");
    group.bench_function("sandbox", |b| b.iter(|| bench::bench_call_back(&mut sb, &callback, CALLBACKS).expect("it adds")));
    group.finish();

    let mut group = c.benchmark_group("callback that calls back in");
    group.throughput(criterion::Throughput::Elements(1000));
    extern "C" fn nested(value: i32) -> i32 {
        native::bench_empty();
        value
    }
    group.bench_function("native", |b| b.iter(|| native::bench_call_back(nested, CALLBACKS)));
    let empty = instance.get_typed_func::<(), ()>(&mut store, "bench_empty").expect("it is there");
    let function = Func::wrap(&mut store, move |mut caller: wasmtime::Caller<'_, ()>, value: i32| {
        empty.call(&mut caller, ()).expect("it does nothing");
        value
    });
    let pointer = raw::register(&mut store, &instance, function);
    group.bench_function("wasmtime", |b| b.iter(|| call_back.call(&mut store, (pointer, CALLBACKS)).expect("it adds")));
    let callback = sb
        .register_callback::<bench::bench_callback, _>(|sb, value| {
            bench::bench_empty(sb)?;
            Ok(value)
        })
        .expect("a slot");
    group.bench_function("sandbox", |b| b.iter(|| bench::bench_call_back(&mut sb, &callback, CALLBACKS).expect("it adds")));
    group.finish();
}

criterion_group! {
    name = benches;
    config = benches::quick();
    targets = calls, callbacks
}
criterion_main!(benches);
