#!/bin/sh
# `cargo run … --example NAME -- ARGUMENT…` runs the example that `cargo test` has built: cargo itself must not run below itself.
set -eu
while [ "$1" != --example ]; do shift; done
example="$EXAMPLES/$2"
shift 2
[ "${1-}" != -- ] || shift
[ -x "$example" ] || { echo "there is no $example: run \`cargo build --workspace --examples\`"; exit 1; }
exec "$example" "$@"
