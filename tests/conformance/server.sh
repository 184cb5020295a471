# A server of the run's own: TLS by an authority made for the run, and a key. Sourced by run.sh.

# make_certificates FOLDER: authority.pem, chain.pem and key.pem; sets authority_hash, by which a browser
# trusts the authority.
make_certificates() {
  local folder="$1" curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${curve[@]}" -days 2 -subj "/CN=Conformance run" -keyout "$folder/authority_key.pem" \
    -out "$folder/authority.pem" 2>"$folder/openssl"
  openssl req "${curve[@]}" -subj /CN=localhost -keyout "$folder/key.pem" -out "$folder/request.pem" \
    2>>"$folder/openssl"
  openssl x509 -req -in "$folder/request.pem" -CA "$folder/authority.pem" -CAkey "$folder/authority_key.pem" \
    -CAcreateserial -days 2 -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") \
    -out "$folder/server.pem" 2>>"$folder/openssl"
  cat "$folder/server.pem" "$folder/authority.pem" >"$folder/chain.pem"
  authority_hash="$(openssl x509 -in "$folder/authority.pem" -pubkey -noout |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)"
}

# start_server PROGRAM MODELS FOLDER: sets server (its process), port and key.
start_server() {
  local program="$1" models="$2" folder="$3"
  rm -f "$folder/keys.toml"
  key="$("$program" key --keys-file "$folder/keys.toml" add conformance 2>"$folder/key_log")" ||
    { cat "$folder/key_log"; exit 1; }
  "$program" serve --models "$models" --port 0 --keys-file "$folder/keys.toml" \
    --tls-certificate-file "$folder/chain.pem" --tls-key-file "$folder/key.pem" 2>"$folder/log" &
  server=$!
  for _ in $(seq 3000); do
    port="$(sed -n 's/.* listening: .*port=\([0-9]*\).*/\1/p' "$folder/log")"
    [[ -z "$port" ]] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$folder/log"
  exit 1
}

# open_sessions FOLDER: how many sessions the server has open.
open_sessions() {
  curl --silent --cacert "$1/authority.pem" -H "Authorization: Bearer $key" \
    "https://localhost:$port/metrics" | sed -n 's/^antiphon_sessions \([0-9]*\).*/\1/p'
}
