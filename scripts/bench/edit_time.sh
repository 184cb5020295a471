#!/usr/bin/env bash
# How long editing one file outside models/torch/ and running its tests takes: an assertion is added to the
# file, its test program is built and run, and the file is put back. scripts/bench/edit_time.sh [PRESET]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup/stage.sh

build="build/${1:-release}"
[[ -f "$build/build.ninja" ]] || fail "'$build' is not configured; ./run does it."
saved="$(mktemp)"
edited=
put_back() {
  [[ -z "$edited" ]] || cp -p "$saved" "$edited"
  rm -f "$saved"
}
trap put_back EXIT

# edit FILE TARGET TESTS
edit() {
  local file="$1" target="$2" tests="$3" begin built
  cmake --build "$build" --target "$target" >/dev/null
  cp -p "$file" "$saved"
  edited="$file"
  echo "static_assert($RANDOM >= 0);" >>"$file"
  begin="$EPOCHREALTIME"
  cmake --build "$build" --target "$target" >/dev/null
  built="$(seconds_since "$begin")"
  "$build/tests/$target" --gtest_brief=1 --gtest_filter="$tests" >/dev/null || fail "$target failed."
  echo "| $file | $target | $built s | $(seconds_since "$begin") s |"
  cp -p "$saved" "$file"
  edited=
}

echo "| edited | tests | built | built and run |"
echo "|---|---|---:|---:|"
edit models/text/word_piece.cpp test_models '*'
edit models/kernels/avx2_kernels.cpp test_models '*'
edit audio/resampler.cpp test_audio '*'
edit pipeline/turns/turn_manager.cpp test_pipeline 'TurnManager*'
edit server/protocol/server_writer.cpp test_server '*'
