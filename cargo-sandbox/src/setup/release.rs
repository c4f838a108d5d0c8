//! The one release of wasi-sdk that is downloaded.

use super::SetupError;

/// Where wasi-sdk publishes its releases.
pub(crate) const BASE_URL: &str = "https://github.com/WebAssembly/wasi-sdk/releases/download";

const VERSION: &str = "27";

/// SHA-256 of the release's archives. Each stands in at least two public files (build rules, packages, CI scripts) that check it
/// when they download; an archive that only one names is left out and needs `--sha256`.
const DIGESTS: [(&str, &str); 5] = [
    ("x86_64-linux", "b7d4d944c88503e4f21d84af07ac293e3440b1b6210bfd7fe78e0afd92c23bc2"),
    ("arm64-linux", "4cf4c553c4640e63e780442146f87d83fdff5737f988c06a6e3b2f0228e37665"),
    ("x86_64-macos", "163dfd47f989b1a682744c1ae1f0e09a83ff5c4bbac9dcd8546909ab54cda5a1"),
    ("arm64-macos", "055c3dc2766772c38e71a05d353e35c322c7b2c6458a36a26a836f9808a550f8"),
    ("x86_64-windows", "4a576c13125c91996d8cc3b70b7ea0612c2044598d2795c9be100d15f874adf6"),
];

/// An archive of the release, for one kind of machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Release {
    /// The name of the archive without its ending, and of the folder in it.
    pub name: String,
    /// Its SHA-256 in lower-case hex, where it is known.
    pub sha256: Option<&'static str>,
}

impl Release {
    /// Chooses the archive for an operating system and processor, in Rust's words.
    ///
    /// # Errors
    /// [`SetupError::NoRelease`] if there is none.
    pub fn of((os, arch): &(String, String)) -> Result<Self, SetupError> {
        let no_release = || SetupError::NoRelease { host: format!("{os} on {arch}") };
        let arch = match arch.as_str() {
            "x86_64" => "x86_64",
            "aarch64" => "arm64",
            _ => return Err(no_release()),
        };
        if !["linux", "macos", "windows"].contains(&os.as_str()) {
            return Err(no_release());
        }
        let host = format!("{arch}-{os}");
        let sha256 = DIGESTS.iter().find(|(name, _)| *name == host).map(|(_, digest)| *digest);
        Ok(Self { name: format!("wasi-sdk-{VERSION}.0-{host}"), sha256 })
    }

    /// The archive's file name.
    pub fn file(&self) -> String {
        format!("{}.tar.gz", self.name)
    }

    /// The archive's address.
    pub fn url(&self, base: &str) -> String {
        format!("{}/wasi-sdk-{VERSION}/{}", base.trim_end_matches('/'), self.file())
    }
}

/// Reads a SHA-256 as a user writes it, into lower-case hex.
pub(crate) fn parse_digest(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text)
    } else {
        Err("a SHA-256 is 64 hexadecimal digits".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_digest_is_one_and_belongs_to_a_host() {
        for (host, digest) in DIGESTS {
            assert_eq!(parse_digest(digest).as_deref(), Ok(digest));
            let (arch, os) = host.split_once('-').unwrap();
            let arch = if arch == "arm64" { "aarch64" } else { arch };
            let release = Release::of(&(os.into(), arch.into())).unwrap();
            assert_eq!(release.sha256, Some(digest));
            assert!(release.url(BASE_URL).ends_with(&format!("/wasi-sdk-27/wasi-sdk-27.0-{host}.tar.gz")));
        }
    }

    #[test]
    fn a_machine_without_a_release_is_named() {
        let error = Release::of(&("linux".into(), "riscv64".into())).unwrap_err();
        assert!(error.to_string().contains("linux on riscv64"), "{error}");
    }
}
