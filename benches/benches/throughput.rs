//! zlib and libpng, through the safe interfaces of the examples: verification and copies are in it.

use std::time::Duration;

use benches::{data, native};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use example_libpng::{Image, PixelFormat, Png};
use example_zlib::{Format, Level, Zlib};

/// Width and height of the pictures.
const SIZES: [u32; 4] = [32, 256, 1024, 4096];

fn zlib(c: &mut Criterion) {
    let mut zlib = Zlib::new().expect("a sandbox");
    for level in [1_u8, 6, 9] {
        let mut group = c.benchmark_group(format!("deflate, level {level}"));
        for (kind, bytes) in data::kinds() {
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            let effort = Level::new(level).expect("a level");
            group.bench_function(BenchmarkId::new("native", kind), |b| b.iter(|| native::deflate(&bytes, level)));
            group.bench_function(BenchmarkId::new("sandbox", kind), |b| {
                b.iter(|| zlib.compress(&bytes, Format::Zlib, effort).expect("it fits"))
            });
            group.bench_function(BenchmarkId::new("rust", kind), |b| {
                b.iter(|| {
                    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level.into()));
                    std::io::Write::write_all(&mut encoder, &bytes).and_then(|()| encoder.finish()).expect("it fits")
                });
            });
        }
        group.finish();
    }
    let mut group = c.benchmark_group("inflate");
    for (kind, bytes) in data::kinds() {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        let packed = native::deflate(&bytes, 6);
        let most = bytes.len() as u64;
        group.bench_function(BenchmarkId::new("native", kind), |b| b.iter(|| native::inflate(&packed, bytes.len())));
        group.bench_function(BenchmarkId::new("sandbox", kind), |b| {
            b.iter(|| zlib.decompress(&packed, Format::Zlib, most).expect("it is whole"))
        });
        group.bench_function(BenchmarkId::new("rust", kind), |b| {
            b.iter(|| {
                let mut output = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&*packed), &mut output).expect("it is whole");
                output
            });
        });
    }
    group.finish();
    let bytes = data::random(1 << 20);
    for name in ["crc32", "adler32"] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("native", |b| b.iter(|| if name == "crc32" { native::crc32(&bytes) } else { native::adler32(&bytes) }));
        group.bench_function("sandbox", |b| {
            b.iter(|| if name == "crc32" { zlib.crc32(&bytes) } else { zlib.adler32(&bytes) }.expect("any bytes will do"));
        });
        group.finish();
    }
}

fn libpng(c: &mut Criterion) {
    let limits = example_libpng::Limits { pixels: 64_000_000, ..example_libpng::Limits::default() };
    let mut png = Png::with_limits(limits).expect("a sandbox");
    for size in SIZES {
        for picture in data::pictures(size) {
            let image = Image::new(size, size, PixelFormat::Rgba8, picture.pixels.clone()).expect("the size fits");
            let file = png.encode(&image).expect("it fits");
            decode(c, &mut png, &format!("{} {size}", picture.kind), &file, picture.pixels.len());
            if picture.kind == "photo" && size < 4096 {
                let file = data::interlaced(&picture);
                decode(c, &mut png, &format!("interlaced photo {size}"), &file, picture.pixels.len());
            }
            if size < 4096 {
                let mut group = c.benchmark_group(format!("png encode, {} {size}", picture.kind));
                configure(&mut group, size);
                group.throughput(Throughput::Bytes(picture.pixels.len() as u64));
                let options = example_libpng::EncodeOptions { palette: false, ..Default::default() };
                group.bench_function("native", |b| b.iter(|| native::encode(&picture)));
                group.bench_function("sandbox", |b| b.iter(|| png.encode_with(&image, &options).expect("it fits")));
                group.bench_function("rust", |b| b.iter(|| rust_encode(&picture)));
                group.finish();
            }
        }
    }
}

fn decode(c: &mut Criterion, png: &mut Png, name: &str, file: &[u8], bytes: usize) {
    let mut group = c.benchmark_group(format!("png decode, {name}"));
    configure(&mut group, u32::try_from(bytes.isqrt() / 2).expect("small"));
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("native", |b| b.iter(|| example_libpng::native::decode(file, PixelFormat::Rgba8).expect("it is whole")));
    group.bench_function("sandbox", |b| b.iter(|| png.decode(file, PixelFormat::Rgba8).expect("it is whole")));
    group.bench_function("rust", |b| b.iter(|| rust_decode(file)));
    group.finish();
}

fn configure(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>, size: u32) {
    if size >= 1024 {
        group.sample_size(10).warm_up_time(Duration::from_millis(100));
    }
}

fn rust_decode(file: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().expect("it is whole");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    reader.next_frame(&mut pixels).expect("it is whole");
    pixels
}

fn rust_encode(picture: &data::Picture) -> Vec<u8> {
    let (mut file, rows) = (Vec::new(), picture.rgb());
    let mut encoder = png::Encoder::new(&mut file, picture.size, picture.size);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("it fits");
    writer.write_image_data(&rows).expect("it fits");
    writer.finish().expect("it fits");
    file
}

criterion_group! {
    name = benches;
    config = benches::quick().sample_size(20);
    targets = zlib, libpng
}
criterion_main!(benches);
