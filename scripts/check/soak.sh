# A soak with the load tool: sessions talk, come and go, half of them by a reset. It fails for words of
# another session, connections that the server closed, sessions that are left over, memory that grows, a
# crash. Times are not judged: the machine may have other things to do.

# soak SECONDS: half of it with the small models, half with a crowd and fake ones.
soak() {
  soak_with small 4 "$(($1 / 2))" && soak_with fake 60 "$(($1 / 2))"
}

soak_with() {
  local models="$1" sessions="$2" seconds="$3" log="build/release/soak-$1.log"
  if ! build/release/tests/antiphon-load --server build/release/antiphon --models "$models" --profile soak \
    --sessions "$sessions" --seconds "$seconds" --reply-tokens 12 --no-progress --strict --no-times \
    --json "build/release/soak-$models.json" --html "build/release/soak-$models.html" >"$log" 2>&1; then
    cat "$log"
    return 1
  fi
  echo "    $models: $(grep '^resident' "$log")"
}
