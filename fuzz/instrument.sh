#!/bin/sh
# A wrapper of rustc for `cargo xtask fuzz`: the code under test counts its edges for libFuzzer, and nothing else does. With `cargo fuzz` the engine and its
# compiler are instrumented too, which makes them slow and the coverage mostly theirs.
rustc=$1
shift
case "$CARGO_PKG_NAME,$CARGO_CRATE_NAME" in
*,build_script_*) ;;
sandbox,* | example-zlib,* | example-libpng,* | lying-tests,* | sandbox-fuzz,*)
    exec "$rustc" "$@" --cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$rustc" "$@"
