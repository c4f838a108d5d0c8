//! Does one task so many times, for a program that counts instructions: `cargo xtask instructions`.

use std::error::Error;
use std::hint::black_box;

use benches::{bench, data, native, raw};
use example_libpng::{Image, PixelFormat, Png};
use example_zlib::{Format, Level, Zlib};
use sandbox::Sandbox;

/// The tasks, and how often each is done so that it counts.
const TASKS: [(&str, u32); 17] = [
    ("call, empty: wasmtime", 2000),
    ("call, empty: sandbox", 2000),
    ("call, 4 arguments: sandbox", 2000),
    ("callback: sandbox", 2000),
    ("read and verify, u32: sandbox", 2000),
    ("deflate, level 6, text: native", 1),
    ("deflate, level 6, text: sandbox", 1),
    ("inflate, text: native", 1),
    ("inflate, text: sandbox", 1),
    ("crc32: native", 1),
    ("crc32: sandbox", 1),
    ("png decode, drawing 32: native", 20),
    ("png decode, drawing 32: sandbox", 20),
    ("png decode, photo 256: native", 1),
    ("png decode, photo 256: sandbox", 1),
    ("png encode, photo 256: native", 1),
    ("png encode, photo 256: sandbox", 1),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => TASKS.iter().for_each(|(task, times)| println!("{task}\t{times}")),
        [task, times] => run(task, times.parse()?)?,
        _ => return Err("usage: count [task times]; without arguments it lists the tasks".into()),
    }
    Ok(())
}

fn run(task: &str, times: u32) -> Result<(), Box<dyn Error>> {
    let mut sb = Sandbox::<bench::Library>::new()?;
    let text = &data::text()[..256 << 10];
    match task {
        "call, empty: wasmtime" => {
            let guest = raw::Guest::load(2, 0);
            let (mut store, instance) = guest.instantiate();
            let empty = instance.get_typed_func::<(), ()>(&mut store, "bench_empty")?;
            repeat(times, || Ok(empty.call(&mut store, ())?))
        }
        "call, empty: sandbox" => repeat(times, || Ok(bench::bench_empty(&mut sb)?)),
        "call, 4 arguments: sandbox" => {
            let place = sb.alloc::<u8>(1)?.leak();
            repeat(times, || Ok(bench::bench_four(&mut sb, black_box(1), 2, 3.0, place)?))
        }
        "callback: sandbox" => {
            let callback = sb.register_callback::<bench::bench_callback, _>(|_, value| Ok(black_box(value)))?;
            // All in one call: its own cost is the same for any number.
            bench::bench_call_back(&mut sb, &callback, i32::try_from(times)?)?;
            Ok(())
        }
        "read and verify, u32: sandbox" => {
            let place = sb.alloc::<u32>(1)?.leak();
            sb.write(place, 7)?;
            repeat(times, || Ok(sb.read(black_box(place))?.verify_with(sandbox::rules::range(1..=100))?))
        }
        "deflate, level 6, text: native" => repeat(times, || Ok(native::deflate(text, 6))),
        "deflate, level 6, text: sandbox" => {
            let mut zlib = Zlib::new()?;
            repeat(times, || Ok(zlib.compress(text, Format::Zlib, Level::DEFAULT)?))
        }
        "inflate, text: native" => {
            let packed = native::deflate(text, 6);
            repeat(times, || Ok(native::inflate(&packed, text.len())))
        }
        "inflate, text: sandbox" => {
            let (mut zlib, packed) = (Zlib::new()?, native::deflate(text, 6));
            repeat(times, || Ok(zlib.decompress(&packed, Format::Zlib, 1 << 30)?))
        }
        "crc32: native" => repeat(times, || Ok(native::crc32(text))),
        "crc32: sandbox" => {
            let mut zlib = Zlib::new()?;
            repeat(times, || Ok(zlib.crc32(text)?))
        }
        "png decode, drawing 32: native" | "png decode, drawing 32: sandbox" => {
            let [_, drawing, ..] = data::pictures(32);
            decode(drawing, task.ends_with("native"), times)
        }
        "png decode, photo 256: native" | "png decode, photo 256: sandbox" => {
            let [photo, ..] = data::pictures(256);
            decode(photo, task.ends_with("native"), times)
        }
        "png encode, photo 256: native" => {
            let [photo, ..] = data::pictures(256);
            repeat(times, || Ok(native::encode(&photo)))
        }
        "png encode, photo 256: sandbox" => {
            let [photo, ..] = data::pictures(256);
            let (mut png, image) = (Png::new()?, image(photo)?);
            repeat(times, || Ok(png.encode(&image)?))
        }
        _ => Err(format!("no task `{task}`").into()),
    }
}

fn decode(picture: data::Picture, native: bool, times: u32) -> Result<(), Box<dyn Error>> {
    let mut png = Png::new()?;
    let file = png.encode(&image(picture)?)?;
    if native {
        return repeat(times, || Ok(example_libpng::native::decode(&file, PixelFormat::Rgba8).expect("it is whole")));
    }
    repeat(times, || Ok(png.decode(&file, PixelFormat::Rgba8)?))
}

fn image(picture: data::Picture) -> Result<Image, Box<dyn Error>> {
    Ok(Image::new(picture.size, picture.size, PixelFormat::Rgba8, picture.pixels).ok_or("a size that does not fit")?)
}

fn repeat<T>(times: u32, mut task: impl FnMut() -> Result<T, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    (0..times).try_for_each(|_| task().map(|result| drop(black_box(result))))
}
