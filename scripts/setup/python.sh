# The set-up's own Python environment: it fetches and converts; nothing at run time needs it.

# The distribution's Python where there is one: a version manager's may lack modules.
find_python() {
  if [[ -x /usr/bin/python3 ]]; then
    echo /usr/bin/python3
  else
    command -v python3 || fail "Python 3 is missing; install it with: apt-get install -y python3-venv"
  fi
}

make_python_environment() {
  local python key
  python="$(find_python)" || exit 1
  key="$("$python" --version) $(sha256sum <scripts/setup/requirements.txt)"
  stamped "$python_environment/stamp" "$key" && return
  rm -rf "$python_environment"
  "$python" -m venv "$python_environment" ||
    fail "a Python environment could not be made in '$python_environment'; is python3-venv installed and the \
disk not full?"
  "$python_environment/bin/pip" install --quiet --no-input --disable-pip-version-check --no-deps \
    --only-binary=:all: --require-hashes -r scripts/setup/requirements.txt ||
    fail "pip could not install scripts/setup/requirements.txt (offline, or disk full?); see the lines above."
  echo "$key" >"$python_environment/stamp"
}
