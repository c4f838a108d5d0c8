//! Versions of clang and libclang.

use std::fmt;

/// A version of clang or libclang, such as 22.1.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The LLVM release; it decides what the compiler can do.
    pub major: u32,
    /// The second number, 0 if it is not known.
    pub minor: u32,
    /// The third number, 0 if it is not known.
    pub patch: u32,
}

impl Version {
    /// Reads the version out of what `clang --version` prints, or `None` if this is not an LLVM clang.
    ///
    /// Apple's clang counts its versions differently and has no WebAssembly target, so it is not one.
    pub fn from_clang_output(output: &str) -> Option<Self> {
        let line = output.lines().find(|line| line.contains("clang version "))?;
        if line.contains("Apple") {
            return None;
        }
        Self::leading(line.split("clang version ").nth(1)?)
    }

    /// Reads up to three numbers from the start of a text ("22.1.8~deb" gives 22.1.8).
    pub(crate) fn leading(text: &str) -> Option<Self> {
        let mut numbers = text.splitn(3, '.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().ok()
        });
        Some(Self { major: numbers.next()??, minor: numbers.next().flatten().unwrap_or(0), patch: numbers.next().flatten().unwrap_or(0) })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32, minor: u32, patch: u32) -> Version {
        Version { major, minor, patch }
    }

    #[test]
    fn reads_what_distributions_and_wasi_sdk_print() {
        for (output, expected) in [
            ("Debian clang version 22.1.8 (1~deb12u1)\nTarget: x86_64-pc-linux-gnu\n", version(22, 1, 8)),
            ("clang version 20.1.8-wasi-sdk (https://github.com/llvm/llvm-project 87f0227cb601)\n", version(20, 1, 8)),
            ("Ubuntu clang version 19.1.1 (1ubuntu1)\n", version(19, 1, 1)),
            ("clang version 23.0.0git\n", version(23, 0, 0)),
        ] {
            assert_eq!(Version::from_clang_output(output), Some(expected), "{output}");
        }
    }

    #[test]
    fn apple_clang_and_gcc_are_no_llvm_clang() {
        assert_eq!(Version::from_clang_output("Apple clang version 17.0.0 (clang-1700.0.13.3)\n"), None);
        assert_eq!(Version::from_clang_output("gcc (Debian 12.2.0-14) 12.2.0\n"), None);
    }
}
