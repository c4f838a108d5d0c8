//! Writes bits, the lowest first, as DEFLATE and VP8L have them.

/// Bits that fill up bytes.
#[derive(Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of a number, the lowest first.
    pub(crate) fn number(&mut self, value: u32, count: u32) {
        for bit in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (self.used % 8);
            }
            self.used += 1;
        }
    }

    /// Appends a prefix code of `length` bits, the highest first.
    pub(crate) fn code(&mut self, code: u32, length: u32) {
        for bit in (0..length).rev() {
            self.number(code >> bit, 1);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_with_the_lowest_bit_and_codes_with_the_highest() {
        let mut bits = Bits::default();
        bits.number(0b011, 3);
        bits.code(0b011, 3);
        bits.number(1, 3);
        assert_eq!(bits.finish(), [0b0111_0011, 0]);
    }
}
