//! Data of several kinds, the same on each run.

/// Makes `count` bytes that look random.
pub(crate) fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        bytes.extend_from_slice(&next().to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

/// Makes `count` bytes of words in random order.
pub(crate) fn text(count: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "guest", "host", "memory", "pointer", "tainted", "verify", "the", "of", "and", "a", "sandbox", "library", "call", "stream",
        "length", "trap",
    ];
    let mut bytes = Vec::with_capacity(count + 8);
    for choice in noise(count, 3) {
        if bytes.len() >= count {
            break;
        }
        bytes.extend_from_slice(WORDS[usize::from(choice % 16)].as_bytes());
        bytes.push(if choice > 240 { b'\n' } else { b' ' });
    }
    bytes.truncate(count);
    bytes
}

/// Everything that a compressor treats differently.
pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    let mixed = [text(70_000), noise(70_000, 1), vec![0; 70_000], text(7)].concat();
    vec![
        ("empty", Vec::new()),
        ("one byte", vec![b'x']),
        ("text", text(200_000)),
        ("noise", noise(150_001, 2)),
        ("zeros", vec![0; 300_000]),
        ("mixed", mixed),
    ]
}
