//! Compiles each old library twice: for the sandbox, and natively with AddressSanitizer into a program of `native/`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=native");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    zlib(&out)?;
    webp(&out)?;
    onig(&out)
}

fn onig(out: &Path) -> Result<(), Box<dyn Error>> {
    const FILES: [&str; 18] = [
        "ascii.c",
        "onig_init.c",
        "regcomp.c",
        "regenc.c",
        "regerror.c",
        "regexec.c",
        "regparse.c",
        "regsyntax.c",
        "regtrav.c",
        "regversion.c",
        "st.c",
        "unicode.c",
        "unicode_fold1_key.c",
        "unicode_fold2_key.c",
        "unicode_fold3_key.c",
        "unicode_unfold_key.c",
        "utf32_le.c",
        "utf8.c",
    ];
    // What its own build would find out. `__SIZEOF_LONG__` differs between the guest and this machine.
    const CONFIG: &str = "\
#define HAVE_PROTOTYPES 1
#define HAVE_STDARG_PROTOTYPES 1
#define STDC_HEADERS 1
#define HAVE_STRING_H 1
#define HAVE_STDARG_H 1
#define HAVE_STDLIB_H 1
#define HAVE_LIMITS_H 1
#define SIZEOF_INT __SIZEOF_INT__
#define SIZEOF_SHORT __SIZEOF_SHORT__
#define SIZEOF_LONG __SIZEOF_LONG__
";
    let config = out.join("onig");
    fs::create_dir_all(&config)?;
    if fs::read_to_string(config.join("config.h")).ok().as_deref() != Some(CONFIG) {
        fs::write(config.join("config.h"), CONFIG)?;
    }
    let folder = build_support::crate_source("onig_sys").join("oniguruma/src");
    build_support::Library::new("onig")
        .source_dir(&folder)
        .files(FILES)
        .include(&config)
        .define("HAVE_CONFIG_H", None)
        .header("oniguruma.h")
        .allow_function("onig_(init|new|search|free|version)")
        .allow_var("OnigEncodingUTF32_LE|OnigSyntaxRuby|ONIG_(NORMAL|MISMATCH|OPTION_NONE)")
        .compile();
    let sources: Vec<PathBuf> = FILES.iter().map(|file| folder.join(file)).collect();
    native(out, "onig_fold", &sources, &[&config, &folder], &["HAVE_CONFIG_H"])
}

fn webp(out: &Path) -> Result<(), Box<dyn Error>> {
    let folder = build_support::crate_source("libwebp-sys").join("vendor");
    let parts = ["src/dec", "src/dsp", "src/utils"];
    let mut library = build_support::Library::new("webp");
    library.source_dir(&folder).include(&folder);
    for part in parts {
        library.glob(format!("{part}/*.c"));
    }
    library.header("src/webp/decode.h").allow_function("WebPGetInfo|WebPDecodeRGBAInto|WebPGetDecoderVersion").compile();
    let mut sources = Vec::new();
    for part in parts {
        for entry in fs::read_dir(folder.join(part))? {
            sources.push(entry?.path());
        }
    }
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "c"));
    native(out, "webp_tables", &sources, &[&folder], &["NDEBUG"])
}

fn zlib(out: &Path) -> Result<(), Box<dyn Error>> {
    let folder = build_support::crate_source("libz-sys").join("src/zlib");
    let files = ["adler32.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"];
    build_support::Library::new("zlib")
        .source_dir(&folder)
        .files(files)
        .header("zlib.h")
        .allow_function("(de|in)flate(Init2_|End)?|inflateGetHeader|zlibVersion")
        .allow_type("z_stream|gz_header")
        .allow_var("Z_.*|ZLIB_VERSION")
        .compile();
    let sources: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    native(out, "zlib_header", &sources, &[&folder], &[])?;
    native(out, "zlib_distances", &sources, &[&folder], &[])
}

/// Compiles a program of `native/` together with its library. AddressSanitizer goes on after an error, if it is told so at run time.
fn native(out: &Path, program: &str, sources: &[PathBuf], includes: &[&Path], defines: &[&str]) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=CC");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let folder = out.join("native");
    fs::create_dir_all(&folder)?;
    let mut command = Command::new(&compiler);
    // The libraries are old, and so are the warnings.
    command.args(["-w", "-g", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address", "-fsanitize-recover=address"]);
    command.args(includes.iter().map(|folder| format!("-I{}", folder.display())));
    command.args(defines.iter().map(|define| format!("-D{define}")));
    command.arg(format!("native/{program}.c")).args(sources).arg("-lm").arg("-o").arg(folder.join(program));
    let status = command.status().map_err(|error| format!("cannot run {}: {error}; install a C compiler", compiler.display()))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} cannot compile native/{program}.c with AddressSanitizer", compiler.display()).into())
    }
}
