//! libpng with the error, warning and read functions of the host, as libpng's manual describes them: the error function does not return,
//! it jumps to where the program has called `setjmp`.

use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::{Callback, Error, Sandbox};

use crate::measure::{median, resident};

sandbox::include_library!(manual);

type Sb = Sandbox<manual::Library>;

/// What the functions of the host share.
struct Reader {
    file: Vec<u8>,
    read: usize,
    error: Option<String>,
}

struct Functions {
    on_error: Callback<manual::png_error_ptr>,
    on_read: Callback<manual::png_rw_ptr>,
}

fn functions(sb: &mut Sb) -> Functions {
    let on_error = sb
        .register_callback::<manual::png_error_ptr, ()>(|sb, (png, message)| {
            let message = sb.read_c_str(message, 200)?.unverified_because("a test compares it");
            let reader = manual::png_get_error_ptr(sb, png)?;
            sb.app_mut::<Reader>(reader)?.error = Some(message.to_string_lossy().into_owned());
            match manual::png_longjmp(sb, png, 1)? {}
        })
        .unwrap();
    let on_read = sb
        .register_callback::<manual::png_rw_ptr, _>(|sb, (png, to, length)| {
            let pointer = manual::png_get_io_ptr(sb, png)?;
            let reader = sb.app_mut::<Reader>(pointer)?;
            let rest = reader.file.len() - reader.read;
            let length = length.verify(|length| Ok::<_, Error>(usize::try_from(length).unwrap_or(usize::MAX)))?;
            if length > rest {
                // The manual's way to report an end of file: a jump out of this callback too.
                let text = sb.copy_in_c_str(c"the file ends early")?;
                match manual::png_error(sb, png, &text)? {}
            }
            let bytes = reader.file[reader.read..reader.read + length].to_vec();
            reader.read += length;
            sb.write_bytes(to, &bytes)?;
            Ok(())
        })
        .unwrap();
    Functions { on_error, on_read }
}

/// Decodes a file to rows of bytes, or returns libpng's message.
fn decode(sb: &mut Sb, functions: &Functions, file: &[u8]) -> Result<Vec<u8>, String> {
    let reader = sb.register_app(Reader { file: file.to_vec(), read: 0, error: None }).unwrap();
    let version = sb.copy_in_c_str(manual::PNG_LIBPNG_VER_STRING).unwrap();
    let png = manual::png_create_read_struct(sb, &version, &reader, &functions.on_error, sandbox::null()).unwrap();
    let info = manual::png_create_info_struct(sb, png).unwrap();
    manual::png_set_read_fn(sb, png, &reader, &functions.on_read).unwrap();
    let mut pixels = Vec::new();
    let one = |result: sandbox::Result<sandbox::Tainted<i32, _>>| result.unwrap().unverified_because("0 or not") != 0;
    let mut good = one(manual::manual_read_info(sb, png, info));
    if good {
        let rows = manual::png_get_image_height(sb, png, info).unwrap().verify(|rows| if rows <= 64 { Ok(rows) } else { Err("too high") });
        let row_bytes =
            manual::png_get_rowbytes(sb, png, info).unwrap().verify(|bytes| if bytes <= 1024 { Ok(bytes) } else { Err("too wide") });
        let (rows, row_bytes) = (rows.unwrap(), row_bytes.unwrap());
        let block = sb.alloc::<u8>(rows * row_bytes).unwrap();
        good = one(manual::manual_read_image(sb, png, info, &block, row_bytes, rows));
        pixels = sb.copy_out(block.as_ptr(), block.len()).unwrap().unverified_because("a test compares them");
    }
    manual::manual_free(sb, png, info).unwrap();
    let reader = sb.take_app(reader).unwrap();
    if good { Ok(pixels) } else { Err(reader.error.unwrap_or_default()) }
}

fn image(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("MANUAL_IMAGES")).join(name)).unwrap()
}

#[test]
fn the_error_function_jumps_through_the_callback_and_the_library_goes_on() {
    let sb = &mut Sandbox::new().unwrap();
    let functions = functions(sb);
    let whole = image("basn2c08.png");
    let pixels = decode(sb, &functions, &whole).unwrap();
    assert_eq!(pixels.len(), 32 * 32 * 3);
    // A broken checksum of the data, in the same sandbox, many times.
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    for _ in 0..50 {
        let message = decode(sb, &functions, &broken).unwrap_err();
        assert!(message.contains("IDAT") || message.contains("incorrect") || message.contains("invalid"), "{message}");
        assert!(!sb.is_poisoned());
    }
    assert_eq!(decode(sb, &functions, b"not a picture at all").unwrap_err(), "Not a PNG file");
    for end in [0, 7, 20, 40, whole.len() / 2, whole.len() - 13] {
        assert_eq!(decode(sb, &functions, &whole[..end]).unwrap_err(), "the file ends early", "{end}");
    }
    assert_eq!(decode(sb, &functions, &whole).unwrap(), pixels);
}

#[test]
fn a_thousand_sandboxes_of_libpng_live_at_once_and_the_last_costs_what_the_first_did() {
    let file = image("basn2c08.png");
    let before = resident();
    let (mut all, mut times, mut pixels) = (Vec::new(), Vec::new(), None);
    for _ in 0..1000 {
        let began = Instant::now();
        let mut sb = Sb::new().unwrap();
        times.push(began.elapsed());
        let functions = functions(&mut sb);
        let decoded = decode(&mut sb, &functions, &file).unwrap();
        assert_eq!(*pixels.get_or_insert_with(|| decoded.clone()), decoded);
        all.push((sb, functions));
    }
    let each = resident().saturating_sub(before) / 1000;
    let (first, last) = (median(&times[..100]), median(&times[900..]));
    println!(
        "1,000 live sandboxes of libpng, each with an image decoded: {} KiB each; made in {first:?} at first and {last:?} at last",
        each >> 10
    );
    assert!(last <= first * 3 + Duration::from_micros(20), "{first:?} and {last:?}");
    assert!(each < 1 << 20, "{each} bytes of memory each");
}
