//! expat in the sandbox against the same expat outside of it, on real documents and on broken ones.

mod damage;
mod documents;
mod native;
mod small;
