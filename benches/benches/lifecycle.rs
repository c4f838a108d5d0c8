//! What it costs to have a fresh sandbox.

use std::time::{Duration, Instant};

use benches::{bench, raw};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use sandbox::{Limits, Pool, Sandbox, SandboxModule};

type Sb = Sandbox<bench::Library>;

/// Bytes of the heap that the guest writes into before it is reset.
const DIRTIED: [u32; 4] = [0, 64 << 10, 1 << 20, 16 << 20];
/// As much of a slot the engine alone keeps resident, from its beginning on: nothing, as it does by
/// default. `kept` has other values, which cost more here.
const KEPT: usize = 0;

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load a precompiled module");
    group.bench_function(BenchmarkId::new("sandbox", "the smallest"), |b| {
        b.iter(|| SandboxModule::<bench::Library>::built_in().expect("it is ours"));
    });
    group.bench_function(BenchmarkId::new("sandbox", "libpng"), |b| {
        b.iter(|| SandboxModule::<example_libpng::Library>::built_in().expect("it is ours"));
    });
    group.finish();
}

fn fresh(c: &mut Criterion) {
    let guest = raw::Guest::load(1100, KEPT);
    let mut group = c.benchmark_group("fresh, and dropped");
    group.bench_function("wasmtime", |b| b.iter(|| guest.instantiate()));
    group.bench_function("sandbox", |b| b.iter(|| Sb::new().expect("a sandbox")));
    group.finish();

    let mut group = c.benchmark_group("fresh, beside so many live ones");
    for live in [1, 10, 100, 1000, 10_000] {
        // So many of the engine's slots are more than there is address space for.
        if live <= 1000 {
            let others: Vec<_> = (0..live).map(|_| guest.instantiate()).collect();
            group.bench_function(BenchmarkId::new("wasmtime", live), |b| b.iter(|| guest.instantiate()));
            drop(others);
        }
        let others: Vec<_> = (0..live).map(|_| Sb::new().expect("a sandbox")).collect();
        group.bench_function(BenchmarkId::new("sandbox", live), |b| b.iter(|| Sb::new().expect("a sandbox")));
        drop(others);
    }
    group.finish();
}

fn reset(c: &mut Criterion) {
    let guest = raw::Guest::load(4, KEPT);
    let mut group = c.benchmark_group("reset after so many bytes were written");
    for bytes in DIRTIED {
        let dirty = i32::try_from(bytes).expect("small");
        group.bench_function(BenchmarkId::new("wasmtime", bytes), |b| {
            let mut live = Some(guest.instantiate());
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let Some((mut store, instance)) = live.take() else { break };
                    let write = instance.get_typed_func::<i32, ()>(&mut store, "bench_dirty").expect("it is there");
                    write.call(&mut store, dirty).expect("it writes");
                    let begin = Instant::now();
                    // The slot of before is free again for the next.
                    drop(store);
                    live = Some(guest.instantiate());
                    spent += begin.elapsed();
                }
                spent
            });
        });
        group.bench_function(BenchmarkId::new("sandbox", bytes), |b| {
            let mut sb = Sandbox::<bench::Library>::builder().limits(Limits::new().memory(64 << 20)).build().expect("a sandbox");
            b.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    bench::bench_dirty(&mut sb, bytes).expect("it writes");
                    let begin = Instant::now();
                    sb.reset().expect("a sandbox");
                    spent += begin.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
}

/// What is kept resident spares page faults where the next guest writes as much, and has to be
/// cleared where it does not. The engine keeps the beginning of a memory, whatever is there.
fn kept(c: &mut Criterion) {
    for kept in [0, 64 << 10, 256 << 10, 1 << 20, 4 << 20] {
        let guest = raw::Guest::load(1, kept);
        let mut group = c.benchmark_group(format!("instantiate and write, KiB kept resident: {}", kept >> 10));
        let turn = |bytes: u32| {
            let (mut store, instance) = guest.instantiate();
            let write = instance.get_typed_func::<i32, ()>(&mut store, "bench_dirty").expect("it is there");
            write.call(&mut store, i32::try_from(bytes).expect("small")).expect("it writes");
        };
        let ours = |bytes: u32| {
            let mut sb = Sandbox::<bench::Library>::builder().limits(Limits::new().memory(64 << 20)).build().expect("a sandbox");
            bench::bench_dirty(&mut sb, bytes).expect("it writes");
        };
        for bytes in DIRTIED {
            group.bench_function(BenchmarkId::new("wasmtime", bytes), |b| b.iter(|| turn(bytes)));
            group.bench_function(BenchmarkId::new("sandbox", bytes), |b| b.iter(|| ours(bytes)));
        }
        // The slot has had a guest that wrote more than any.
        group.bench_function(BenchmarkId::new("wasmtime", "nothing, after a large guest"), |b| b.iter(|| turn(0)));
        group.bench_function(BenchmarkId::new("sandbox", "nothing, after a large guest"), |b| b.iter(|| ours(0)));
        group.finish();
    }
}

fn pool(c: &mut Criterion) {
    let guest = raw::Guest::load(16, KEPT);
    let mut group = c.benchmark_group("take from a pool, call, give back");
    for threads in [1_u32, 2] {
        group.bench_function(BenchmarkId::new("wasmtime", threads), |b| {
            b.iter_custom(|times| {
                together(threads, times, || {
                    let (mut store, instance) = guest.instantiate();
                    let empty = instance.get_typed_func::<(), ()>(&mut store, "bench_empty").expect("it is there");
                    empty.call(&mut store, ()).expect("it does nothing");
                })
            });
        });
        let pool = Pool::<bench::Library>::new(16, Sandbox::builder());
        group.bench_function(BenchmarkId::new("sandbox", threads), |b| {
            b.iter_custom(|times| {
                together(threads, times, || {
                    let mut sb = pool.take().expect("a sandbox");
                    bench::bench_empty(&mut *sb).expect("it does nothing");
                })
            });
        });
    }
    group.finish();
}

/// Does something so many times on each thread, and returns how long that took.
fn together(threads: u32, times: u64, run: impl Fn() + Sync) -> Duration {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..times).for_each(|_| run()));
        }
    });
    begin.elapsed()
}

criterion_group! {
    name = benches;
    config = benches::quick();
    targets = load, fresh, pool, reset, kept
}
criterion_main!(benches);
