//! Folders of the host's. Without the feature `host-folder` there are none: the same types then have no values.

#[cfg(feature = "host-folder")]
mod errors;
#[cfg(feature = "host-folder")]
mod listing;
#[cfg(not(feature = "host-folder"))]
mod off;
#[cfg(feature = "host-folder")]
mod on;

#[cfg(not(feature = "host-folder"))]
pub(crate) use off::Folder;
#[cfg(not(feature = "host-folder"))]
pub(super) use off::{HostFile, OpenFolder, Opened};
#[cfg(feature = "host-folder")]
pub(crate) use on::Folder;
#[cfg(feature = "host-folder")]
pub(super) use on::{HostFile, OpenFolder, Opened};
