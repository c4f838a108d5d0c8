//! Guests that are compiled while the tests run: plugins, and libraries that lie.
