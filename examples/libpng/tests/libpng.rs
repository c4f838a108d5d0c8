//! Real files, broken files, hostile files, held to the native libpng of the same version.

#[path = "libpng/support.rs"]
mod support;

#[path = "libpng/broken.rs"]
mod broken;
#[path = "libpng/command.rs"]
mod command;
#[path = "libpng/encode.rs"]
mod encode;
#[path = "libpng/filters.rs"]
mod filters;
#[path = "libpng/limits.rs"]
mod limits;
#[path = "libpng/pngsuite.rs"]
mod pngsuite;
#[path = "libpng/progressive.rs"]
mod progressive;
#[path = "libpng/texts.rs"]
mod texts;
