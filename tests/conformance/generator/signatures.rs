//! The choice of signatures.

use super::kinds::{KINDS, Kind, OTHERS, VOID};
use crate::random::Random;

/// So many parameters are passed one by one.
pub(crate) const PARAMS: usize = 16;
/// More, up to so many, go in a list.
const MOST_PARAMS: usize = 32;
/// From this seed on, all signatures have so many.
pub(crate) const WIDE: u64 = 1000;

pub(crate) struct Signature {
    pub(crate) name: String,
    /// By which its values differ from those of its neighbours.
    pub(crate) number: usize,
    pub(crate) params: Vec<&'static Kind>,
    pub(crate) result: &'static Kind,
}

/// For each number of parameters, each kind in each position and as the result, which can also be `void`.
pub(crate) fn systematic() -> Vec<Signature> {
    let results: Vec<&Kind> = KINDS.iter().chain([&VOID]).collect();
    let mut signatures = Vec::new();
    for count in 0..=PARAMS {
        for first in 0..results.len() {
            signatures.push(Signature {
                name: format!("s{count}_{first}"),
                number: signatures.len(),
                params: (first..first + count).map(|kind| &KINDS[kind % KINDS.len()]).collect(),
                result: results[(first + count) % results.len()],
            });
        }
    }
    signatures
}

/// So many from a seed.
pub(crate) fn random(seed: u64, count: usize) -> Vec<Signature> {
    let mut random = Random::new(seed);
    (0..count).map(|number| choose(&mut random, seed >= WIDE, number)).collect()
}

fn choose(random: &mut Random, wide: bool, number: usize) -> Signature {
    let (least, most) = match wide {
        true => (PARAMS + 1, MOST_PARAMS),
        // Of the short ones there are not so many.
        false => (if random.chance(95) { 2 } else { 0 }, PARAMS),
    };
    let count = random.between(least as u32, most as u32);
    let params = (0..count).map(|_| kind(random)).collect();
    let result = if random.chance(5) { &VOID } else { kind(random) };
    Signature { name: format!("r{number}"), number, params, result }
}

fn kind(random: &mut Random) -> &'static Kind {
    if random.chance(25) { random.pick(&OTHERS) } else { random.pick(&KINDS) }
}
