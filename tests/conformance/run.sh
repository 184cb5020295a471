#!/usr/bin/env bash
# Takes the real client SDKs, pinned and unmodified, through a conversation with the real server: TLS with an
# authority made for the run, a key, real weights, speech in real time. The last lines are a table of what
# passed.
#   tests/conformance/run.sh [SETUP...] [--models small|standard] [--write-readme] [--keep FOLDER]
# SETUP: node-openai browser-openai node-agents browser-agents python-openai python-agents python-pipecat
# python-livekit, and the HTTP endpoints: http-python http-node. All without arguments.
# --write-readme puts the table into README.md, --keep leaves logs, results and events in FOLDER.
# Needs build/release/antiphon (ANTIPHON_PROGRAM: another) and its weights; Debian's python3-venv, openssl,
# curl, nodejs, npm, and chromium (CHROMIUM: another).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup/stage.sh
source scripts/setup/places.sh
source tests/conformance/environments.sh
source tests/conformance/server.sh
talking=(node-openai browser-openai node-agents browser-agents python-openai python-agents python-pipecat
  python-livekit)
asking=(http-python http-node)
setup_seconds_max=600
program="${ANTIPHON_PROGRAM:-build/release/antiphon}"
models=standard
readme=()
keep=
setups=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --models) models="$2"; shift ;;
    --write-readme) readme=(--readme README.md) ;;
    --keep) keep="$2"; shift ;;
    *)
      [[ " ${talking[*]} ${asking[*]} " == *" $1 "* ]] || fail "there is no setup '$1'; see $0."
      setups+=("$1")
      ;;
  esac
  shift
done
((${#setups[@]} > 0)) || setups=("${talking[@]}" "${asking[@]}")
[[ -x "$program" ]] || fail "there is no '$program': build it first (./run)."

work="${keep:-$(mktemp -d)}"
mkdir -p "$work/speech" "$work/results" "$work/events"
server=
stop() {
  [[ -z "$server" ]] || kill "$server" 2>/dev/null || true
  [[ -n "$keep" ]] || rm -rf "$work"
}
trap stop EXIT

# What the user says in each turn of the script.
make_speech() {
  local turn sentence
  while IFS=$'\t' read -r turn sentence; do
    "$program" say --models "$models" --raw -o "$work/speech/$turn.pcm" "$sentence" 2>"$work/say_log" ||
      { cat "$work/say_log"; exit 1; }
  done < <(python3 -c 'import json
for name, turn in json.load(open("tests/conformance/script.json")).items():
    if "say" in turn: print(name, turn["say"], sep="\t")')
}

write_options() {
  cat >"$work/options.json" <<JSON
{"base_url": "https://localhost:$port/v1", "key": "$key", "server_key_hash": "$authority_hash",
 "program": "$(realpath "$program")", "models": "$models", "script": "$PWD/tests/conformance/script.json",
 "speech": "$work/speech", "results": "$work/results", "events": "$work/events"}
JSON
}

in_python() {
  SSL_CERT_FILE="$work/authority.pem" timeout -k 10 "$setup_seconds_max" \
    "$conformance_cache/python/bin/python" "$@"
}

in_node() {
  (cd "$conformance_cache/node" && NODE_EXTRA_CA_CERTS="$work/authority.pem" \
    timeout -k 10 "$setup_seconds_max" node "$@")
}

# run_setup NAME: its steps, then its events against the schemas. What fails is in the results.
run_setup() {
  local name="$1" begin="$EPOCHREALTIME" left
  rm -f "$work/results/$name.jsonl" "$work/events/$name.jsonl"
  case "$name" in
    python-*) in_python tests/conformance/python/run_setup.py "$name" "$work/options.json" ;;
    *) in_node run_setup.mjs "$name" "$work/options.json" ;;
  esac 2>"$work/$name.log" || { echo "FAILED  $name: ended with $?"; tail -n 15 "$work/$name.log"; }
  left="$(open_sessions "$work")"
  [[ "$left" == 0 ]] || add_failure "$name" "clean close" "the server still has '$left' sessions"
  in_node check_events.mjs "$name" "$work/options.json" || true
  in_python tests/conformance/python/check_events.py "$name" "$work/options.json" || true
  echo "        $name: $(seconds_since "$begin") s"
}

add_failure() {
  echo "FAILED  $1: $2: $3"
  printf '{"setup": "%s", "step": "%s", "ok": false, "detail": "%s"}\n' "$@" >>"$work/results/$1.jsonl"
}

stage "SDKs for Python" make_python_environment
stage "SDKs for Node" make_node_environment
stage "speech" make_speech
make_certificates "$work"
start_server "$program" "$models" "$work"
write_options
result=0
wanted=()
for name in "${setups[@]}"; do
  case "$name" in
    http-python)
      in_python tests/conformance/http/http_endpoints.py "https://localhost:$port/v1" "$key" || result=1
      ;;
    http-node) in_node http_endpoints.mjs "https://localhost:$port/v1" "$key" || result=1 ;;
    *)
      run_setup "$name"
      wanted+=("$name")
      ;;
  esac
done
if grep -qF "${key:3:20}" "$work/log"; then
  echo "FAILED  the server's log holds the key"
  result=1
fi
if ((${#wanted[@]} > 0)); then
  python3 tests/conformance/table.py "$work/results" "$models" "${wanted[@]}" "${readme[@]}" || result=1
fi
exit "$result"
