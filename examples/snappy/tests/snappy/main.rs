//! The crate against native snappy, on good input and on bad.

#[path = "../../../zlib/tests/zlib/corpus.rs"]
mod corpus;
mod damage;
mod native;
mod same;
