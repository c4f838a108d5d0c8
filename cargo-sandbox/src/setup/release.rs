//! The one release of wasi-sdk that is downloaded.

use super::SetupError;

/// Where wasi-sdk publishes its releases.
pub(crate) const BASE_URL: &str = "https://github.com/WebAssembly/wasi-sdk/releases/download";

const VERSION: &str = "34";

/// SHA-256 of the release's archives. The release publishes no digests beside them: each of these
/// stands in at least three public files of unrelated projects (build rules, packages, CI scripts)
/// that check it when they download.
const DIGESTS: [(&str, &str); 6] = [
    ("x86_64-linux", "b761e3a0721dbae9c09a0059e5fdb2bf917d1b4a8a7b430fb3b5aafb0984b2c4"),
    ("arm64-linux", "f7e243dff54d60bcc576e94d6166b69f410f2500ae4a9ceef34315be10e77971"),
    ("x86_64-macos", "87d27fa8adc68dee59bfbf2e22a6d34ef717c34d6bf1d8af2a56fc929d9ce0eb"),
    ("arm64-macos", "9c59398106b417f8f14913380fdf0097a8cc0ff4af9eb3ce0065a859e88d49e9"),
    ("x86_64-windows", "cccb5c323a9b34f0349a9b09e8804a0a7632c68c3310f4b5f437ed57d7e71d8f"),
    ("arm64-windows", "45e1c71f3e965621e7b98ebe1d37b0e4b1f77f3e8072113ffb4534e67b1a4b7c"),
];

/// An archive of the release, for one kind of machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Release {
    /// The name of the archive without its ending, and of the folder in it.
    pub name: String,
    /// Its SHA-256 in lower-case hex.
    pub sha256: &'static str,
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
        let host = format!("{arch}-{os}");
        let (_, sha256) = DIGESTS.iter().find(|(name, _)| *name == host).ok_or_else(no_release)?;
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
            assert_eq!(release.sha256, digest);
            assert!(release.url(BASE_URL).ends_with(&format!("/wasi-sdk-34/wasi-sdk-34.0-{host}.tar.gz")));
        }
    }

    #[test]
    fn a_machine_without_a_release_is_named() {
        let error = Release::of(&("linux".into(), "riscv64".into())).unwrap_err();
        assert!(error.to_string().contains("linux on riscv64"), "{error}");
    }
}
