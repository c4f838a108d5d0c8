//! Libraries that call back for each small thing.

use benches::{data, native};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use example_sqlite::Database;

const ROWS: u64 = 10_000;
const SETUP: &str = "CREATE TABLE t (a INTEGER, b TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, 'row ' || i FROM n";

fn sqlite(c: &mut Criterion) {
    let mut group = c.benchmark_group("SQLite, a callback for each row");
    group.throughput(Throughput::Elements(ROWS));
    let native = native::Rows::new(SETUP);
    group.bench_function("native", |b| b.iter(|| assert_eq!(native.count_bytes("SELECT a, b FROM t"), 117_788)));
    let mut db = Database::open_in_memory().expect("a sandbox");
    db.execute(SETUP).expect("it is SQL");
    group.bench_function("sandbox", |b| {
        b.iter(|| {
            let bytes = db.query_each("SELECT a, b FROM t", 0, |bytes: &mut usize, row| {
                *bytes += row.iter().flatten().map(String::len).sum::<usize>();
                Ok(())
            });
            assert_eq!(bytes.expect("it is SQL"), 117_788);
        });
    });
    group.finish();
}

fn expat(c: &mut Criterion) {
    let document = data::text();
    let events = native::element_events(&document);
    let mut group = c.benchmark_group("expat, a callback for each element");
    group.throughput(Throughput::Elements(events));
    group.bench_function("native", |b| b.iter(|| native::element_events(&document)));
    group.bench_function("sandbox", |b| b.iter(|| benches::expat::element_events(&document).expect("it is well-formed")));
    group.finish();
}

criterion_group! {
    name = benches;
    config = benches::quick().sample_size(20);
    targets = sqlite, expat
}
criterion_main!(benches);
