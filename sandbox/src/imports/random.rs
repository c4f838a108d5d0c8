//! Random numbers for the guest.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use super::wasi::{Answer, Errno, Guest};
use crate::denied::Wanted;

/// As many bytes as one call gives, so that the host is not kept busy by it. C's `getentropy` asks for at most 256.
const REQUEST_MAX: u32 = 1 << 20;

/// Which random numbers the guest has.
///
/// # Examples
///
/// ```
/// let the_same_at_each_run = sandbox::Random::Seeded(7);
/// # let _ = the_same_at_each_run;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Random {
    /// Asking for random numbers fails with `ENOSYS`.
    #[default]
    Deny,
    /// The operating system's, fit for keys.
    Host,
    /// A sequence that depends on the seed alone, and that starts anew with each [`reset`](crate::Sandbox::reset). Not for secrets.
    ///
    /// It is ChaCha20 with a nonce of zeros, whose key is the seed as eight bytes, least significant first, and then zeros. Each request takes
    /// whole words of four bytes from it.
    Seeded(u64),
}

/// Where an instance has its random numbers from.
pub(super) enum Source {
    None,
    Host,
    Seeded(Box<ChaCha20Rng>),
}

impl Source {
    pub(super) fn new(random: Random) -> Self {
        match random {
            Random::Deny => Self::None,
            Random::Host => Self::Host,
            Random::Seeded(seed) => {
                let mut key = [0; 32];
                if let Some(low) = key.first_chunk_mut() {
                    *low = seed.to_le_bytes();
                }
                Self::Seeded(Box::new(ChaCha20Rng::from_seed(key)))
            }
        }
    }
}

/// `random_get(bytes, count)`
pub(super) fn get(mut guest: Guest<'_>, address: u32, count: u32) -> Answer {
    if matches!(guest.provided.random, Source::None) {
        guest.provided.denied.note(Wanted::Random);
        return Err(Errno::NOSYS);
    }
    if count == 0 {
        return Ok(());
    }
    // There are no short answers here: C code takes what it asked for as random.
    if count > REQUEST_MAX {
        return Err(Errno::INVAL);
    }
    let place = guest.memory.place(address, count)?;
    match &mut guest.provided.random {
        Source::None => Err(Errno::NOSYS),
        Source::Host => getrandom::fill(place).map_err(|_| Errno::IO),
        Source::Seeded(generator) => {
            generator.fill_bytes(place);
            Ok(())
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_key_of_chacha20() {
        let Source::Seeded(mut generator) = Source::new(Random::Seeded(0)) else { panic!("no generator") };
        let mut bytes = [0; 16];
        generator.fill_bytes(&mut bytes);
        // RFC 8439, A.1, test vector 1: key, nonce and counter are zero.
        assert_eq!(bytes, [0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28]);
    }
}
