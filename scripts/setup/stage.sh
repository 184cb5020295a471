# What every stage shares: its name and time on the screen, and one way to say what went wrong.

# stage "what it does" command...: runs the command, then prints how long it took.
stage() {
  local name="$1" begin="$EPOCHREALTIME" status=0
  shift
  echo "==> $name"
  "$@" || status=$?
  if ((status == 0)); then
    echo "    $name: $(seconds_since "$begin") s"
  fi
  return "$status"
}

# seconds_since EPOCHREALTIME: with one decimal, without a child process.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME//[.,]/} - ${1//[.,]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# fail "one sentence": the reason, on standard error, and the end.
fail() {
  echo "antiphon: $1" >&2
  exit 1
}

# stamped FILE KEY: true if the stage that wrote the stamp had the same inputs.
stamped() {
  [[ -f "$1" && "$(<"$1")" == "$2" ]]
}
