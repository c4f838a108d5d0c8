//! What a guest can be given, and what it sees of what it was not given. The other side is `fixtures/capabilities.c`.

mod clock;

use sandbox::{Sandbox, Tainted};

sandbox::include_library!(capabilities);

type Library = capabilities::Library;
type Sb = Sandbox<Library>;

/// Error numbers of WASI.
const NOSYS: i32 = 52;
const INVAL: i32 = 28;

fn value<T>(tainted: Tainted<T, Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}
