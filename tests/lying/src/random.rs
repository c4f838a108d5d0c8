//! Fixed sequences.

/// xorshift64*: the same sequence everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins the sequence of a seed; neighbouring seeds have nothing in common.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let _ = (random.next(), random.next());
        random
    }

    /// Returns the next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    /// Returns one of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Returns so many bytes: random ones, or a repetition, which compresses.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let period = *self.pick(&[1, 7, usize::MAX]);
        let mut bytes = Vec::with_capacity(count);
        for at in 0..count {
            bytes.push(if at >= period { bytes[at - period] } else { (self.next() >> 40) as u8 });
        }
        bytes
    }
}
