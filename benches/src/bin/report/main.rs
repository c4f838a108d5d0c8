//! Makes `docs/performance.md` and its pictures from what criterion has measured. `cargo xtask bench` calls it.

mod footprint;
mod measured;
mod plots;
mod tables;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use measured::Measured;
use plots::Line;
use tables::{Row, rows, summary, table};

const HEAD: &str = "# Performance

`cargo xtask bench` measures what is here, in one run, and writes this page. Each row is one task; *native* is the same C source, compiled for this machine by the same compiler at the same level, *wasmtime* the
same machine code in the engine without us, *rust* what a Rust user would take instead (`flate2` with its default backend, `png`). Medians; **bold** is the sandbox's by the other's, with the quartiles of both at their worst and best in
brackets. Ratios above 1 are slower than native.

";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    if let (Some("footprint"), Some(guest)) = (env::args().nth(1).as_deref(), env::args().nth(2)) {
        println!("{}", footprint::measure(&guest)?);
        return Ok(());
    }
    let (Some(criterion), Some(docs)) = (arguments.next(), arguments.next()) else {
        return Err("usage: report <criterion's folder> <docs>".into());
    };
    let docs = Path::new(&docs);
    let measured = measured::read(Path::new(&criterion))?;
    let mut text = HEAD.to_owned();
    machine(&mut text);

    in_short(&mut text, &measured);

    text.push_str("## Into C and back\n\n");
    let transitions = rows(&measured, &["call,", "callback"]);
    table(&mut text, &transitions);
    text.push_str("A callback is one of a thousand within one call. The sandbox has the default limits; with a deadline each outermost call reads the clock three times, and asks the system for its process, by which a fork is noticed.\n\n");

    text.push_str("## Memory\n\n");
    table(&mut text, &rows(&measured, &["read", "write", "copy in", "copy out", "view"]));
    picture(
        &mut text,
        docs,
        "copies",
        "Copying and reading guest memory, by native",
        "bytes",
        "ratio",
        &by_size(&measured, &["copy in", "copy out", "view and sum"]),
    )?;

    text.push_str("## A fresh sandbox\n\n");
    table(&mut text, &rows(&measured, &["load", "fresh", "reset", "take"]));
    let live = times(&measured, "fresh, beside so many live ones");
    plots::draw(&docs.join("performance/live.svg"), "A fresh sandbox beside so many others", "live", "µs", &live, None)?;
    text.push_str("![A fresh sandbox beside so many others](performance/live.svg)\n\n");
    let kilobytes = |guest| footprint::in_a_process_of_its_own(guest).map(|bytes| bytes >> 10);
    let _ = writeln!(
        text,
        "Resident memory for each of {} live sandboxes: {} KiB for the smallest guest, {} KiB after a call, {} KiB for libpng after a picture of 256 × 256 was decoded.\n",
        footprint::LIVE,
        kilobytes("idle")?,
        kilobytes("called")?,
        kilobytes("libpng")?
    );

    text.push_str("A fresh sandbox that writes so many bytes, and is dropped. The engine can keep the beginning of a memory resident, and clears that by writing, whatever was used of it; the sandbox keeps what guests have used.\n\n");
    table(&mut text, &rows(&measured, &["instantiate and write"]));

    text.push_str(
        "## Whole libraries\n\nThrough the safe interfaces of the examples: every check, and the copies in and out, are in it. The sandboxed libraries have hot functions written for Wasm.\n\n",
    );
    let throughput = rows(&measured, &["deflate", "inflate", "crc32", "adler32", "png decode", "png encode"]);
    table(&mut text, &throughput);
    if let Some((mean, largest, task)) = summary(&throughput, "native") {
        let _ = writeln!(text, "Geometric mean by native: **{mean:.2}**; the largest is {largest:.2} ({task}).\n");
    }
    let pictures = ["photo", "drawing", "palette", "interlaced photo"].map(|kind| Line {
        name: kind.to_owned(),
        points: throughput
            .iter()
            .filter_map(|row| {
                let size = row.task.strip_prefix("png decode, ")?.strip_prefix(kind)?.trim().parse().ok()?;
                Some((size, row.ratio("native")?))
            })
            .collect(),
    });
    picture(&mut text, docs, "decode", "Decoding PNG, by native", "width and height", "ratio", &pictures)?;

    text.push_str("## Chatty libraries\n\nFor each row, or element. Native SQLite has the options that rusqlite builds it with, more than the guest has (locks that are not taken, full-text search); native expat is the same C.\n\n");
    table(&mut text, &rows(&measured, &["SQLite", "expat"]));

    text.push_str(include_str!("notes.md"));
    fs::write(docs.join("performance.md"), text)?;
    Ok(())
}

/// Says what was measured on.
/// Writes what most readers come for: geometric means of the rows below.
fn in_short(text: &mut String, measured: &[Measured]) {
    text.push_str("## In short\n\n| time of the sandbox | ÷ native | ÷ rust |\n|---|--:|--:|\n");
    let small = |row: &Row<'_>| row.task.ends_with(" 32");
    for (what, prefix, of_small) in [
        ("zlib, compressing", "deflate", false),
        ("zlib, decompressing", "inflate", false),
        ("libpng, decoding from 256 × 256 on", "png decode", false),
        ("libpng, decoding 32 × 32", "png decode", true),
        ("libpng, encoding from 256 × 256 on", "png encode", false),
        ("libpng, encoding 32 × 32", "png encode", true),
    ] {
        let rows: Vec<Row<'_>> = rows(measured, &[prefix]).into_iter().filter(|row| small(row) == of_small).collect();
        let cell = |way| summary(&rows, way).map_or_else(String::new, |(mean, ..)| format!("**{mean:.2}**"));
        let _ = writeln!(text, "| {what} | {} | {} |", cell("native"), cell("rust"));
    }
    text.push_str("| any other C, inside | 1.3 to 1.5 | |\n\n");
    text.push_str("zlib and libpng in the sandbox have hot functions written for Wasm, the native ones their own C ([what each is worth](guest-code.md#hot-functions-written-for-wasm)); any other library is what these two are without them. To that come calls, and copies of what goes in and out.\n\n");
}

fn machine(text: &mut String) {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name")).map_or("?", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    let compiler = env::var("BENCH_COMPILER").unwrap_or_else(|_| "?".into());
    let _ = writeln!(
        text,
        "{name}, {cores} cores, load of {load} at the end; C by {compiler}; {}.\n",
        env::var("BENCH_VERSIONS").unwrap_or_default()
    );
}

/// Of each group, the sandbox by native over the number of bytes.
fn by_size(measured: &[Measured], groups: &[&str]) -> Vec<Line> {
    let line = |group: &&str| Line {
        name: (*group).to_owned(),
        points: rows(measured, &[group])
            .iter()
            .filter_map(|row| Some((row.way("sandbox")?.value.as_deref()?.parse().ok()?, row.ratio("native")?)))
            .collect(),
    };
    groups.iter().map(line).collect()
}

/// Of a group, each way's time in microseconds over its number.
fn times(measured: &[Measured], group: &str) -> Vec<Line> {
    let line = |way: &str| {
        let mut points: Vec<(f64, f64)> = measured
            .iter()
            .filter(|measured| measured.group == group && measured.way == way)
            .filter_map(|measured| Some((measured.value.as_deref()?.parse().ok()?, measured.median() / 1e3)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Line { name: way.to_owned(), points }
    };
    ["wasmtime", "sandbox"].map(line).into()
}

fn picture(text: &mut String, docs: &Path, name: &str, title: &str, x: &str, y: &str, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(docs.join("performance"))?;
    plots::draw(&docs.join("performance").join(name).with_extension("svg"), title, x, y, lines, Some(1.0))?;
    let _ = writeln!(text, "![{title}](performance/{name}.svg)\n");
    Ok(())
}
