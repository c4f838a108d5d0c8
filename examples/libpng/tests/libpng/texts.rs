//! Texts of authors, in the encodings that PNG has for them.

use example_libpng::Png;

use crate::support::{file_of, header};

/// A zlib stream of one stored block.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| ((a + u32::from(*byte)) % 65_521, (a + b + u32::from(*byte)) % 65_521));
    [&[0x78, 1, 1], &length.to_le_bytes()[..], &(!length).to_le_bytes(), data, &(b << 16 | a).to_be_bytes()].concat()
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// An image of one pixel with these chunks of text; what of them is read.
fn texts(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<(String, String)> {
    let (header, pixel) = (header(1, 1, 8, 0, 0), stored(&[0, 7]));
    let mut all: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
    all.extend(chunks.iter().map(|(kind, data)| (*kind, data.as_slice())));
    all.extend([(b"IDAT", pixel.as_slice()), (b"IEND", &[])]);
    let info = Png::new().unwrap().info(&file_of(&all)).unwrap();
    assert_eq!(info.warnings, None);
    info.texts.into_iter().map(|text| (text.keyword, text.text)).collect()
}

#[test]
fn latin_1_and_utf_8_come_out_as_what_was_written() {
    let plain = |keyword: &str, text: &str| (b"tEXt", [latin_1(keyword), vec![0], latin_1(text)].concat());
    let packed = |keyword: &str, text: &str| (b"zTXt", [latin_1(keyword), vec![0, 0], stored(&latin_1(text))].concat());
    let international = |keyword: &str, compressed: bool, text: &str| {
        let text = if compressed { stored(text.as_bytes()) } else { text.as_bytes().to_vec() };
        (b"iTXt", [latin_1(keyword), vec![0, u8::from(compressed), 0, 0, 0], text].concat())
    };
    let found = texts(&[
        plain("Author", "José Núñez"),
        plain("Größe", "5 µm"),
        packed("Title", "Größe 5 µm"),
        international("Comment", false, "Café ❤️ 日本"),
        international("Größe", true, "Größe: 5 µm, Café ❤️ 日本"),
        plain("Software", "\u{9b}2J\x1b[2J"),
        international("Warning", false, "a\u{202e}b\x1b[2J"),
    ]);
    let expected = [
        ("Author", "José Núñez"),
        ("Größe", "5 µm"),
        ("Title", "Größe 5 µm"),
        ("Comment", "Café ❤️ 日本"),
        ("Größe", "Größe: 5 µm, Café ❤️ 日本"),
        ("Software", "\\u{9b}2J\\u{1b}[2J"),
        ("Warning", "a\\u{202e}b\\u{1b}[2J"),
    ];
    assert_eq!(found, expected.map(|(keyword, text)| (keyword.to_owned(), text.to_owned())));
}

#[test]
fn a_long_text_ends_with_a_whole_character() {
    // 1,024 bytes end within the last of these.
    let text = format!("x{}", "é".repeat(600));
    let found = texts(&[(b"iTXt", [b"Comment\0\0\0\0\0", text.as_bytes()].concat())]);
    assert_eq!(found[0].1, format!("x{}", "é".repeat(511)));
    let found = texts(&[(b"tEXt", [b"Comment\0x".to_vec(), vec![0xe9; 1100]].concat())]);
    assert_eq!(found[0].1, format!("x{}", "é".repeat(1023)));
}

#[test]
fn bytes_that_are_no_utf_8_are_replaced() {
    let found = texts(&[(b"iTXt", b"Comment\0\0\0\0\0Gr\xf6\xdfe".to_vec())]);
    assert_eq!(found[0].1, "Gr\u{fffd}\u{fffd}e");
}
