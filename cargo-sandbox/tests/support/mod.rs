//! A made-up machine, a made-up wasi-sdk, and a server for it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cargo_sandbox::setup::Machine;
use sandbox_toolchain::Environment;
use sha2::{Digest as _, Sha256};

/// The folder in the archive, for the host that every test pretends to be.
pub(crate) const NAME: &str = "wasi-sdk-34.0-x86_64-linux";

/// A compiler that knows its version and writes an empty module to whatever `-o` names.
const CLANG: &str = r#"#!/bin/sh
case "$1" in
  --version) echo "clang version 20.1.8-wasi-sdk"; exit 0;;
  -print-resource-dir) echo /nowhere; exit 0;;
esac
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then printf '\000asm\001\000\000\000' > "$2"; exit 0; fi
  shift
done
exit 1
"#;

pub(crate) struct Fake {
    folder: tempfile::TempDir,
    pub(crate) machine: Machine,
}

impl Fake {
    /// A machine with nothing on it.
    pub(crate) fn machine() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment { cache: Some(folder.path().join("cache")), ..Environment::default() };
        let machine = Machine {
            environment,
            apt: None,
            apt_cache: None,
            sudo: None,
            root: false,
            interactive: false,
            host: ("linux".into(), "x86_64".into()),
        };
        Self { folder, machine }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// Everything in the cache, hidden or not.
    pub(crate) fn cached(&self) -> Vec<String> {
        fs::read_dir(self.cache())
            .map(|entries| entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
            .unwrap_or_default()
    }

    /// Adds an apt that offers LLVM releases without some packages, and writes down how it is called.
    pub(crate) fn with_apt(&mut self, releases: &[u32], without: &[&str]) {
        let log = self.folder().join("log");
        let names: String = releases.iter().map(|release| format!("echo clang-{release}; ")).collect();
        let without = without.join("|");
        let missing = if without.is_empty() { String::new() } else { format!("{without}) echo '  Candidate: (none)';;\n") };
        self.machine.apt_cache = Some(self.program(
            "apt-cache",
            &format!(
                "#!/bin/sh\nif [ \"$1\" = pkgnames ]; then {names} exit 0; fi\nshift\nfor p in \"$@\"; do echo \"$p:\"; echo '  Installed: (none)'\n\
                 case $p in\n{missing}*) echo '  Candidate: 1:1.0';;\nesac; done\n"
            ),
        ));
        self.machine.apt = Some(self.program("apt-get", &format!("#!/bin/sh\necho \"apt-get $@\" >> '{}'\n", log.display())));
    }

    /// Adds a distribution's clang 22 with wasi-libc, but without libc++.
    pub(crate) fn with_distribution(&mut self) {
        let prefix = self.folder().join("usr");
        let file = |path: &str, content: &str| {
            let path = prefix.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        for path in ["include/wasm32-wasi/stdlib.h", "lib/wasm32-wasi/libc.a", "lib/llvm-22/lib/libclang.so"] {
            file(path, "");
        }
        for program in ["wasm-ld", "llvm-ar", "clang++"] {
            file(&format!("lib/llvm-22/bin/{program}"), "#!/bin/sh\n");
        }
        file("lib/llvm-22/bin/clang", &CLANG.replace("20.1.8-wasi-sdk", "22.1.8"));
        self.machine.environment.prefixes = vec![prefix];
    }

    /// Makes apt know nothing before its first `apt-get update`, as on a fresh machine.
    pub(crate) fn without_apt_lists(&self) {
        let path = self.folder().join("apt-cache");
        let script = fs::read_to_string(&path).unwrap();
        let log = self.folder().join("log");
        let guard = format!("#!/bin/sh\ngrep -q update '{}' 2>/dev/null || exit 0\n", log.display());
        fs::write(path, script.replacen("#!/bin/sh\n", &guard, 1)).unwrap();
    }

    pub(crate) fn with_sudo(&mut self) {
        let log = self.folder().join("log");
        self.machine.sudo = Some(self.program("sudo", &format!("#!/bin/sh\necho \"sudo $@\" >> '{}'\n", log.display())));
    }

    pub(crate) fn apt_log(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

pub(crate) struct Entry {
    pub(crate) path: String,
    kind: tar::EntryType,
    content: Vec<u8>,
}

impl Entry {
    pub(crate) fn file(path: &str, content: &[u8]) -> Self {
        Self { path: path.into(), kind: tar::EntryType::Regular, content: content.into() }
    }

    pub(crate) fn symlink(path: &str, target: &str) -> Self {
        Self { path: path.into(), kind: tar::EntryType::Symlink, content: target.into() }
    }

    pub(crate) fn hardlink(path: &str, target: &str) -> Self {
        Self { path: path.into(), kind: tar::EntryType::Link, content: target.into() }
    }

    pub(crate) fn fifo(path: &str) -> Self {
        Self { path: path.into(), kind: tar::EntryType::Fifo, content: Vec::new() }
    }
}

/// What a wasi-sdk holds, as far as anybody looks, and a libclang so that the machine need not have one.
pub(crate) fn sdk_entries() -> Vec<Entry> {
    let file = |path: &str, content: &str| Entry::file(&format!("{NAME}/{path}"), content.as_bytes());
    vec![
        file("bin/clang", CLANG),
        Entry::symlink(&format!("{NAME}/bin/clang++"), "clang"),
        file("bin/llvm-ar", "#!/bin/sh\n"),
        file("lib/libclang.so", ""),
        file("lib/libclang.dylib", ""),
        file("share/wasi-sysroot/include/wasm32-wasip1/stdlib.h", ""),
        file("share/wasi-sysroot/include/wasm32-wasip1/setjmp.h", ""),
        file("share/wasi-sysroot/lib/wasm32-wasip1/libc.a", ""),
        file("share/wasi-sysroot/lib/wasm32-wasip1/libsetjmp.a", ""),
    ]
}

pub(crate) fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(entry.kind);
        header.set_mode(0o755);
        let link = matches!(entry.kind, tar::EntryType::Symlink | tar::EntryType::Link);
        let content: &[u8] = if link { &[] } else { &entry.content };
        header.set_size(content.len() as u64);
        // The setters of the crate refuse the paths that these tests are about.
        let fields = header.as_gnu_mut().unwrap();
        fields.name[..entry.path.len()].copy_from_slice(entry.path.as_bytes());
        if link {
            fields.linkname[..entry.content.len()].copy_from_slice(&entry.content);
        }
        header.set_cksum();
        builder.append(&header, content).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) enum Answer {
    Whole(Vec<u8>),
    /// Announces everything, and closes the connection in the middle.
    Truncated(Vec<u8>),
    NotFound,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The paths that were asked for.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Serves one answer to everybody, until the process ends.
pub(crate) fn serve(answer: Answer) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(count) if count > 0 => request.extend_from_slice(&buffer[..count]),
                    _ => break,
                }
            }
            let request = String::from_utf8_lossy(&request);
            log.lock().unwrap().push(request.split(' ').nth(1).unwrap_or_default().to_owned());
            let (status, length, body): (_, _, &[u8]) = match &answer {
                Answer::Whole(bytes) => ("200 OK", bytes.len(), bytes),
                Answer::Truncated(bytes) => ("200 OK", bytes.len(), &bytes[..bytes.len() / 2]),
                Answer::NotFound => ("404 Not Found", 0, &[]),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            // The client may have gone away; that is its business.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        }
    });
    Server { url, requests }
}
