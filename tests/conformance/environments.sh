# Where the SDKs live: pinned, in the user's cache. Sourced by run.sh from the repository's root.

conformance_cache="$antiphon_cache/conformance"

# make_python_environment: the environment of python/requirements.txt, made anew when that changes.
make_python_environment() {
  local wanted=tests/conformance/python/requirements.txt folder="$conformance_cache/python"
  cmp -s "$folder/stamp" "$wanted" && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --no-input --disable-pip-version-check --no-deps -r "$wanted"
  cp "$wanted" "$folder/stamp"
}

# make_node_environment: the packages of node/package-lock.json, and our scripts beside them.
make_node_environment() {
  local here=tests/conformance folder="$conformance_cache/node"
  mkdir -p "$folder"
  if ! cmp -s "$folder/stamp" "$here/node/package-lock.json"; then
    cp "$here/node/package.json" "$here/node/package-lock.json" "$folder/"
    (cd "$folder" && npm ci --silent --no-audit --no-fund)
    cp "$here/node/package-lock.json" "$folder/stamp"
  fi
  cp "$here"/node/*.mjs "$here"/http/*.mjs tests/support/wav.mjs "$folder/"
}
