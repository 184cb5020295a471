# Every fuzzer of tests/fuzz, from its stored corpus, for a bounded time. Finds lie in build/asan/found.

# fuzz_all SECONDS: each target for that long, as many at once as there are cores.
fuzz_all() {
  local names
  names="$(find tests/fuzz -name '*_fuzzer.cpp' -printf '%f\n' 2>/dev/null | sed 's/_fuzzer\.cpp$//' | sort)"
  [[ -n "$names" ]] || { echo "    tests/fuzz has no fuzzers"; return 1; }
  build_preset asan fuzzers || return 1
  export -f fuzz_one
  xargs -n 1 -P "$(build_jobs)" bash -c 'fuzz_one "$1" "$2"' fuzz "$1" <<<"$names"
}

fuzz_one() {
  local seconds="$1" name="$2" found="build/asan/found/$2" log="build/asan/$2.log"
  mkdir -p "$found/corpus" "tests/fuzz/corpus/$name"
  if "build/asan/tests/fuzz/${name}_fuzzer" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -artifact_prefix="$found/" "$found/corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "    $name: $(grep -oE 'Done [0-9]+ runs' "$log" | tail -n 1)"
  else
    tail -n 40 "$log"
    echo "    $name: FAILED, input in $found"
    return 1
  fi
}
