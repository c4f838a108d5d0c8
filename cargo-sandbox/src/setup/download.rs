//! A release of wasi-sdk: downloaded, checked, unpacked, and only then put in its place.

use std::fmt;
use std::fs;
use std::io::{Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest as _, Sha256};

use super::{Machine, Options, Release, SetupError, unpack};

/// No archive of a release is larger than this, in bytes; a server that sends more is not serving one.
const LARGEST: u64 = 2 << 30;

/// What to download, and where it goes.
#[derive(Debug)]
pub(super) struct Plan {
    url: String,
    sha256: String,
    name: String,
    cache: PathBuf,
}

impl Plan {
    pub(super) fn new(options: &Options, machine: &Machine) -> Result<Self, SetupError> {
        let release = Release::of(&machine.host)?;
        let sha256 = options.sha256.clone().unwrap_or_else(|| release.sha256.to_owned());
        let cache = machine.environment.cache.clone().ok_or(SetupError::NoCache)?;
        Ok(Self { url: release.url(&options.base_url), sha256, name: release.name, cache })
    }

    pub(super) fn carry_out(&self) -> Result<(), SetupError> {
        let cache = self.cache.as_path();
        fs::create_dir_all(cache).map_err(|source| file_error("create", cache, source))?;
        // Both live beside the final place, so that the last step is one rename, and vanish if anything fails.
        let mut archive = tempfile::Builder::new()
            .prefix(".download-")
            .tempfile_in(cache)
            .map_err(|source| file_error("create a file in", cache, source))?;
        let found = self.fetch(archive.as_file_mut())?;
        if found != self.sha256 {
            return Err(SetupError::WrongDigest { url: self.url.clone(), expected: self.sha256.clone(), found });
        }
        archive.rewind().map_err(|source| file_error("read", archive.path(), source))?;
        let folder = tempfile::Builder::new()
            .prefix(".unpack-")
            .tempdir_in(cache)
            .map_err(|source| file_error("create a folder in", cache, source))?;
        let progress = ProgressBar::new_spinner().with_message("unpacking");
        progress.enable_steady_tick(Duration::from_millis(100));
        unpack::tar_gz(archive.as_file(), folder.path())?;
        progress.finish_and_clear();
        self.put_in_place(&self.root_in(folder.path())?)
    }

    /// Streams the archive into a file, and returns its SHA-256.
    fn fetch(&self, file: &mut fs::File) -> Result<String, SetupError> {
        let failed = |reason: String| SetupError::Download { url: self.url.clone(), reason };
        let mut response = agent(&self.url).get(&self.url).call().map_err(|error| failed(error.to_string()))?;
        let expected = response.body().content_length();
        let progress = match expected {
            Some(length) => ProgressBar::new(length),
            None => ProgressBar::no_length(),
        };
        progress.set_style(style());
        progress.set_message(self.name.clone());
        let mut body = response.body_mut().with_config().limit(LARGEST).reader();
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut received = 0_u64;
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(format!("the connection broke after {received} bytes: {error}"))),
            };
            let part = buffer.get(..count).unwrap_or_default();
            hash.update(part);
            file.write_all(part).map_err(|source| file_error("write to", &self.cache, source))?;
            received += count as u64;
            progress.set_position(received);
        }
        progress.finish_and_clear();
        if let Some(expected) = expected.filter(|expected| *expected != received) {
            return Err(failed(format!("the connection ended after {received} of {expected} bytes")));
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The archive holds one folder, named like the release.
    fn root_in(&self, folder: &Path) -> Result<PathBuf, SetupError> {
        let root = folder.join(&self.name);
        if root.join("bin").is_dir() {
            return Ok(root);
        }
        Err(SetupError::Archive { reason: format!("it has no folder {}/bin", self.name) })
    }

    fn put_in_place(&self, folder: &Path) -> Result<(), SetupError> {
        let place = self.cache.join(&self.name);
        if place.exists() {
            // Left from before, and either broken or to be replaced (--force). Moved first: a rename is quick.
            let old = tempfile::Builder::new()
                .prefix(".old-")
                .tempdir_in(&self.cache)
                .map_err(|source| file_error("create a folder in", &self.cache, source))?;
            fs::rename(&place, old.path().join("old")).map_err(|source| file_error("replace", &place, source))?;
        }
        fs::rename(folder, &place).map_err(|source| file_error("create", &place, source))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "will download  {}", self.url)?;
        writeln!(f, "with SHA-256   {}", self.sha256)?;
        writeln!(f, "into           {}", self.cache.join(&self.name).display())
    }
}

fn file_error(action: &'static str, path: &Path, source: std::io::Error) -> SetupError {
    SetupError::File { action, path: path.into(), source }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn agent(url: &str) -> ureq::Agent {
    let mut config = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        // A slow line may take long; a dead one must not take for ever.
        .timeout_recv_body(Some(Duration::from_secs(3600)))
        .user_agent(concat!("cargo-sandbox/", env!("CARGO_PKG_VERSION")));
    let host = url.split("://").nth(1).unwrap_or_default();
    if ["127.0.0.1", "[::1]", "localhost"].iter().any(|loopback| host.starts_with(loopback)) {
        // A proxy has its own idea of what this machine is.
        config = config.proxy(None);
    }
    config.build().into()
}
