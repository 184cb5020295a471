#!/usr/bin/env bash
# Runs the real client SDKs, pinned and unmodified, against a server of its own: TLS with a certificate made
# for the run, and a key. Needs build/release/antiphon, the small models, python3-venv, openssl, Node, npm.
#   tests/sdk/run.sh [python|node]...        all without arguments
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup/places.sh
program=build/release/antiphon
environment="$antiphon_cache/sdk"
work="$(mktemp -d)"
server=
stop() {
  [[ -z "$server" ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

make_python() {
  cmp -s "$environment/python/stamp" tests/sdk/requirements.txt 2>/dev/null && return
  rm -rf "$environment/python"
  python3 -m venv "$environment/python"
  "$environment/python/bin/pip" install --quiet --no-input --disable-pip-version-check \
    -r tests/sdk/requirements.txt
  cp tests/sdk/requirements.txt "$environment/python/stamp"
}

make_node() {
  mkdir -p "$environment/node"
  cmp -s "$environment/node/stamp" tests/sdk/package.json 2>/dev/null && return
  cp tests/sdk/package.json "$environment/node/package.json"
  (cd "$environment/node" && npm install --silent --no-audit --no-fund)
  cp tests/sdk/package.json "$environment/node/stamp"
}

start_server() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>/dev/null
  key="$("$program" key --keys-file "$work/keys.toml" add sdk 2>/dev/null)"
  "$program" serve --models small --port 0 --keys-file "$work/keys.toml" \
    --tls-certificate-file "$work/cert.pem" --tls-key-file "$work/key.pem" 2>"$work/log" &
  server=$!
  for _ in $(seq 300); do
    port="$(sed -n 's/.* listening: .*port=\([0-9]*\).*/\1/p' "$work/log")"
    [[ -n "$port" ]] && return
    kill -0 "$server" 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.1
  done
  cat "$work/log"
  exit 1
}

start_server
url="https://localhost:$port/v1"
result=0
[[ $# -gt 0 ]] || set -- python node
for client in "$@"; do
  case "$client" in
    python)
      make_python
      SSL_CERT_FILE="$work/cert.pem" "$environment/python/bin/python" tests/sdk/http_endpoints.py \
        "$url" "$key" || result=1
      ;;
    node)
      make_node
      cp tests/sdk/http_endpoints.mjs "$environment/node/"
      NODE_EXTRA_CA_CERTS="$work/cert.pem" node "$environment/node/http_endpoints.mjs" \
        "$url" "$key" || result=1
      ;;
    *) echo "tests/sdk/run.sh: there is no client '$client'"; exit 2 ;;
  esac
done
if grep -qF "${key:3:20}" "$work/log"; then
  echo "FAILED  the server's log holds the key"
  result=1
fi
exit "$result"
