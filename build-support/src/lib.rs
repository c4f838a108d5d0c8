//! The build side.
