//! The crate against native snappy, on good input and on bad.

mod corpus;
mod damage;
mod native;
mod same;
