# Runs the stages of ./check, goes on after a failure, and keeps what the last table shows.

table=""
stages_failed=0
tests_passed=0
tests_failed=0

# record "name" command...
record() {
  local name="$1" begin="$EPOCHREALTIME" result=ok
  shift
  stage "$name" "$@" || { result=FAILED; stages_failed=$((stages_failed + 1)); }
  [[ "$result" == ok ]] || echo "    $name: FAILED"
  table+="$(printf '%-28s %8s s  %s' "$name" "$(seconds_since "$begin")" "$result")"$'\n'
}

# record_tests PRESET ctest-options...: all tests of a build. Their counts go into the totals; a run without
# counts (a crash of ctest, no test found) is one failed stage.
record_tests() {
  local preset="$1" before="$stages_failed" passed=0 failed=0
  shift
  rm -f "build/$preset/tests.xml"
  record "tests: $preset" run_tests "$preset" "$@"
  if [[ -f "build/$preset/tests.xml" ]]; then
    count_tests "build/$preset/tests.xml"
  fi
  if ((failed > 0)); then
    stages_failed="$before"  # counted as tests instead
  fi
  tests_passed=$((tests_passed + passed))
  tests_failed=$((tests_failed + failed))
}

run_tests() {
  local preset="$1" log="build/$1/tests.log"
  shift
  if ! ctest --preset "$preset" -j "$(build_jobs)" --no-tests=error --output-junit tests.xml "$@" >"$log" 2>&1
  then
    grep -v -E '^ *([0-9]+/[0-9]+ Test .*(Passed|Skipped)|Start +[0-9])' "$log" | tail -n 200
    return 1
  fi
  tail -n 12 "$log" | grep -E 'tests passed|Total Test time'
}

# Sets passed and failed from ctest's summary; a skipped test is neither.
count_tests() {
  local head all skipped
  head="$(sed -n '/<testsuite/,/>/p' "$1" | tr '\n' ' ')"
  all="$(attribute "$head" tests)"
  failed="$(attribute "$head" failures)"
  skipped=$(($(attribute "$head" skipped) + $(attribute "$head" disabled)))
  passed=$((all - failed - skipped))
  echo "    $passed passed, $failed failed, $skipped skipped"
}

attribute() {
  sed -E "s/.*[[:space:]]$2=\"([0-9]+)\".*/\\1/" <<<"$1"
}

# Prints the table and the totals; true if all went well. A stage that is not a run of tests counts as one
# failure, so that the last line never says 0 after a failure.
summary() {
  local failed=$((tests_failed + stages_failed))
  printf '\n%s' "$table"
  echo "$tests_passed passed, $failed failed"
  ((failed == 0))
}
