use sandbox::{Error, Random, TrapKind};

use super::errno::NOSYS;
use super::{Sb, capabilities, value};

fn random(sb: &mut Sb, count: u32) -> Result<Vec<u8>, i32> {
    let place = sb.alloc::<u8>(count).unwrap();
    match value(capabilities::capabilities_random(sb, place.as_ptr(), count).unwrap()) {
        0 => Ok(value(sb.copy_out(place.as_ptr(), count).unwrap())),
        error => Err(error),
    }
}

fn with(random: Random) -> Sb {
    Sb::builder().random(random).build().unwrap()
}

#[test]
fn without_randomness_there_is_none() {
    let sb = &mut Sb::new().unwrap();
    assert_eq!(random(sb, 8), Err(NOSYS));
    // It cannot fail, so it does not go on: by an assertion of the libc of 2022, by `abort` in
    // later ones.
    let error = capabilities::capabilities_arc4random(sb).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if matches!(trap.kind(), TrapKind::Assertion | TrapKind::Abort)), "{error}");
    assert!(error.denied().iter().any(|denial| denial.grant() == Some("random")), "{error}");
    sb.reset().unwrap();
    assert_eq!(random(sb, 8), Err(NOSYS));
}

#[test]
fn the_hosts_numbers_differ_each_time() {
    let sb = &mut with(Random::Host);
    let (first, second) = (random(sb, 1000).unwrap(), random(sb, 1000).unwrap());
    sb.reset().unwrap();
    let third = random(sb, 1000).unwrap();
    assert!(first != second && second != third && first != third);
    let ones: u32 = first.iter().map(|byte| byte.count_ones()).sum();
    assert!((3500..=4500).contains(&ones), "{ones} of 8000 bits, which 11 standard deviations do not explain");
}

#[test]
fn a_seed_gives_one_sequence_which_starts_anew_with_the_guest() {
    let sb = &mut with(Random::Seeded(7));
    let first = random(sb, 600).unwrap();
    let second = random(sb, 600).unwrap();
    assert_ne!(first, second);
    let number = value(capabilities::capabilities_arc4random(sb).unwrap());
    sb.reset().unwrap();
    assert_eq!(random(sb, 600).unwrap(), first);
    assert_eq!(random(sb, 600).unwrap(), second);
    assert_eq!(value(capabilities::capabilities_arc4random(sb).unwrap()), number);
    assert_eq!(random(&mut with(Random::Seeded(7)), 600).unwrap(), first, "another sandbox");
    assert_ne!(random(&mut with(Random::Seeded(8)), 600).unwrap(), first);
}

#[test]
fn a_seed_is_a_key_of_chacha20() {
    // `openssl enc -chacha20 -K 0807060504030201000…0 -iv 0…0`, of zeros.
    let expected: [u8; 32] = [
        0x4c, 0x46, 0x68, 0x93, 0x59, 0x77, 0x95, 0xd7, 0xa7, 0x1a, 0xb5, 0x2c, 0xf9, 0x30, 0x92, 0x97, 0xfd, 0xe7, 0x9b, 0x44, 0xdc, 0xd0,
        0xa1, 0xa2, 0x61, 0xc5, 0x51, 0x6a, 0xc0, 0xd9, 0x90, 0xa9,
    ];
    assert_eq!(random(&mut with(Random::Seeded(0x0102_0304_0506_0708)), 32).unwrap(), expected);
}
