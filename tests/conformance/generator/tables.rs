//! The values of each kind of leaf: the ends of its range, what else is special, and random ones.

use super::kinds::Leaf;
use crate::random::Random;

/// A prime, so that the indices of one call differ for any step.
pub(crate) const LENGTH: usize = 23;

/// The values of a leaf, as bits.
pub(crate) struct Table {
    leaf: Leaf,
    bits: [u64; LENGTH],
}

pub(crate) fn tables(seed: u64) -> Vec<Table> {
    use Leaf::{Bool, F32, F64, I8, I16, I32, I64, Pointer, U8, U16, U32, U64};
    // Another stream than that of the signatures.
    let mut random = Random::new(!seed);
    [I8, U8, I16, U16, I32, U32, I64, U64, F32, F64, Bool, Pointer].map(|leaf| Table::new(leaf, &mut random)).into()
}

impl Table {
    fn new(leaf: Leaf, random: &mut Random) -> Self {
        let mask = u64::MAX >> (64 - leaf.width());
        let sign = mask ^ mask >> 1;
        let special: &[u64] = match leaf {
            // Zero, one, infinity, the quiet and the signalling NaN, one with all bits, the smallest and the largest number, and the negative ones.
            Leaf::F32 => &[0, 0x3f80_0000, 0x7f80_0000, 0x7fc0_0000, 0x7fa1_2345, 0x7fff_ffff, 1, 0x7f7f_ffff],
            Leaf::F64 => &[
                0,
                0x3ff0_0000_0000_0000,
                0x7ff0_0000_0000_0000,
                0x7ff8_0000_0000_0000,
                0x7ff4_5678_9abc_def0,
                0x7fff_ffff_ffff_ffff,
                1,
                0x7fef_ffff_ffff_ffff,
            ],
            _ => &[0, 1, mask, mask - 1, mask >> 1, sign, sign + 1, 0x5555_5555_5555_5555],
        };
        let negative = special.iter().filter(|_| leaf.is_float()).map(|bits| bits | sign);
        let mut bits: Vec<u64> = special.iter().copied().chain(negative).map(|bits| bits & mask).collect();
        bits.resize_with(LENGTH, || random.next() & mask);
        // The special values are not always of the same index.
        let by = random.between(0, LENGTH as u32 - 1) as usize;
        bits.rotate_left(by);
        Self { leaf, bits: std::array::from_fn(|index| bits[index]) }
    }

    pub(crate) fn c(&self) -> String {
        let values: String = self.bits.iter().map(|bits| format!("{bits:#x}ULL, ")).collect();
        format!("static const uint{}_t {}_bits[] = {{{values}}};", self.leaf.width().max(8), self.leaf.name())
    }

    pub(crate) fn rust(&self) -> String {
        let values: String = self.bits.iter().map(|bits| format!("{bits:#x}, ")).collect();
        format!("const {}: [u{}; {LENGTH}] = [{values}];", self.leaf.name().to_uppercase(), self.leaf.width().max(8))
    }
}

impl Leaf {
    fn width(self) -> u32 {
        match self {
            Self::Bool => 1,
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 => 16,
            Self::I32 | Self::U32 | Self::F32 | Self::Pointer => 32,
            Self::I64 | Self::U64 | Self::F64 => 64,
        }
    }

    fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}
