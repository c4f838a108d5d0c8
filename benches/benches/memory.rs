//! What it costs to read and write the guest's memory, beside a slice of the host's.

use std::hint::black_box;

use benches::{bench, data};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sandbox::{Limits, Sandbox, rules};

type Sb = Sandbox<bench::Library>;

/// Bytes that are copied at once.
const SIZES: [u32; 8] = [64, 1 << 10, 4 << 10, 64 << 10, 256 << 10, 1 << 20, 16 << 20, 64 << 20];

fn sandbox() -> Sb {
    Sandbox::builder().limits(Limits::new().memory(256 << 20)).build().expect("a sandbox")
}

fn scalars(c: &mut Criterion) {
    let mut sb = sandbox();
    let place = sb.alloc::<u32>(4).expect("memory");
    let place = place.as_ptr();
    sb.write(place, 7).expect("it is there");
    let mut slice = black_box([7_u8, 0, 0, 0, 9, 9]);

    let mut group = c.benchmark_group("read and verify, u32");
    group.bench_function("native", |b| {
        b.iter(|| {
            let at = black_box(0);
            let value = slice.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
            value.filter(|value| (1..=100).contains(value)).expect("it is 7")
        });
    });
    group.bench_function("sandbox", |b| {
        b.iter(|| sb.read(black_box(place)).expect("it is there").verify_with(rules::range(1..=100)).expect("it is 7"));
    });
    group.finish();

    let mut group = c.benchmark_group("write, u32");
    group.bench_function("native", |b| {
        b.iter(|| {
            let at = black_box(0);
            if let Some(bytes) = slice.get_mut(at..at + 4) {
                bytes.copy_from_slice(&black_box(7_u32).to_le_bytes());
            }
        });
    });
    group.bench_function("sandbox", |b| b.iter(|| sb.write(black_box(place), black_box(7)).expect("it is there")));
    group.finish();

    let pair = sb.alloc::<bench::bench_pair>(1).expect("memory");
    let pair = pair.as_ptr();
    let mut group = c.benchmark_group("read, struct of 3 fields");
    let bytes = [1_u8; 24];
    group.bench_function("native", |b| {
        b.iter(|| {
            let bytes: &[u8; 24] = black_box(&bytes);
            let first = i32::from_le_bytes(bytes[..4].try_into().expect("4"));
            let second = u64::from_le_bytes(bytes[8..16].try_into().expect("8"));
            (first, second, f64::from_le_bytes(bytes[16..].try_into().expect("8")))
        });
    });
    group.bench_function("sandbox", |b| b.iter(|| sb.read(black_box(pair)).expect("it is there")));
    group.finish();

    let text = sb.copy_in_c_str(c"a string of some thirty letters").expect("memory");
    let text = text.as_ptr();
    let mut group = c.benchmark_group("read, C string");
    let bytes = b"a string of some thirty letters\0";
    group.bench_function("native", |b| b.iter(|| std::ffi::CStr::from_bytes_until_nul(black_box(bytes)).expect("it ends").to_owned()));
    group.bench_function("sandbox", |b| b.iter(|| sb.read_c_str(black_box(text), 100).expect("it ends")));
    group.finish();
}

fn copies(c: &mut Criterion) {
    let mut sb = sandbox();
    let largest = *SIZES.last().expect("sizes");
    let bytes = data::random(largest as usize);
    let mut there = bytes.clone();
    let place = sb.alloc::<u8>(largest).expect("memory");
    let place = place.as_ptr();

    for name in ["copy in", "copy out", "view and sum"] {
        let mut group = c.benchmark_group(name);
        for size in SIZES {
            let length = size as usize;
            group.throughput(Throughput::Bytes(size.into()));
            group.bench_function(BenchmarkId::new("native", size), |b| match name {
                "copy in" => b.iter(|| there[..length].copy_from_slice(black_box(&bytes[..length]))),
                "copy out" => b.iter(|| black_box(&there[..length]).to_vec()),
                _ => b.iter(|| sum(black_box(&there[..length]))),
            });
            group.bench_function(BenchmarkId::new("sandbox", size), |b| match name {
                "copy in" => b.iter(|| sb.write_bytes(place, black_box(&bytes[..length])).expect("it fits")),
                "copy out" => b.iter(|| sb.copy_out(place, size).expect("it is there")),
                _ => b.iter(|| sum(sb.view(place, size).expect("it is there").unverified_because("any bytes can be added up"))),
            });
        }
        group.finish();
    }
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

criterion_group! {
    name = benches;
    config = benches::quick();
    targets = scalars, copies
}
criterion_main!(benches);
