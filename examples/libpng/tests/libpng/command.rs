//! The command, run as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use example_libpng::{PixelFormat, Png};

use crate::support::{image, suite_folder};

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_example-libpng")).args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_folder_with_broken_images_gives_all_other_thumbnails() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["thumbnail", suite_folder().to_str().unwrap(), "-o", "small", "--size", "16"], folder.path());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(report.contains("161 of 175 images"), "{report}");
    assert!(report.contains("xs1n0g01.png: libpng refused the image"), "{report}");
    let small = Png::new().unwrap().decode(&fs::read(folder.path().join("small/basn6a16.png")).unwrap(), PixelFormat::Rgba8).unwrap();
    assert_eq!((small.width(), small.height()), (16, 16));
}

#[test]
fn decoding_and_encoding_again_keeps_the_pixels() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.png"), image("basn6a16.png")).unwrap();
    for steps in [
        ["decode in.png -o image.pam", "encode image.pam -o out.png --no-palette"],
        ["decode in.png -o image.pam --format rgba16 --progressive", "encode image.pam -o out.png"],
        ["decode in.png -o image.pgm", "encode image.pgm -o out.png"],
    ] {
        for step in steps {
            let output = run(&step.split(' ').collect::<Vec<_>>(), folder.path());
            assert!(output.status.success(), "{step}: {}", text(&output.stderr));
        }
        let format = match steps[0] {
            step if step.contains("rgba16") => PixelFormat::Rgba16,
            step if step.contains("pgm") => PixelFormat::Gray8,
            _ => PixelFormat::Rgba8,
        };
        let mut png = Png::new().unwrap();
        let out = png.decode(&fs::read(folder.path().join("out.png")).unwrap(), format).unwrap();
        assert!(out.pixels() == png.decode(&image("basn6a16.png"), format).unwrap().pixels());
    }
}

#[test]
fn info_and_compare_and_errors_are_readable() {
    let folder = tempfile::tempdir().unwrap();
    let file = suite_folder().join("basi3p02.png");
    let output = run(&["info", file.to_str().unwrap()], folder.path());
    assert!(text(&output.stdout).contains("32 x 32 pixels, palette, 2 bits, interlaced"), "{}", text(&output.stdout));
    let output = run(&["compare", file.to_str().unwrap()], folder.path());
    assert!(text(&output.stdout).contains("3 decodings identical, 0 refused by both, 0 different"), "{}", text(&output.stdout));
    let output = run(&["decode", suite_folder().join("xcsn0g01.png").to_str().unwrap(), "-o", "x.pam"], folder.path());
    assert!(
        !output.status.success() && text(&output.stderr).contains("error: libpng refused the image: IDAT: CRC error"),
        "{}",
        text(&output.stderr)
    );
    assert!(!folder.path().join("x.pam").exists());
    let output = run(&["info", "missing.png"], folder.path());
    assert!(text(&output.stderr).contains("cannot read missing.png"), "{}", text(&output.stderr));
}

#[test]
fn the_demo_writes_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["demo", "pictures"], folder.path());
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert!(
        text(&output.stdout).contains("161 of 175 images decode to the very pixels of native libpng, 0 differ"),
        "{}",
        text(&output.stdout)
    );
    assert!(folder.path().join("pictures/contact-sheet.png").exists());
}
