# Python environments of the set-up and of the comparison with published runtimes.

# The distribution's Python where there is one: a version manager's may lack modules.
find_python() {
  if [[ -x /usr/bin/python3 ]]; then
    echo /usr/bin/python3
  else
    command -v python3 || fail "Python 3 is missing; install it with: apt-get install -y python3-venv"
  fi
}

# make_python_environment FOLDER REQUIREMENTS [PIP_OPTION...]: made anew when Python or the file changes.
make_python_environment() {
  local folder="$1" requirements="$2" python key
  shift 2
  python="$(find_python)" || exit 1
  key="$("$python" --version) $(sha256sum <"$requirements")"
  stamped "$folder/stamp" "$key" && return
  rm -rf "$folder"
  "$python" -m venv "$folder" ||
    fail "a Python environment could not be made in '$folder'; is python3-venv installed and the disk \
not full?"
  "$folder/bin/pip" install --quiet --no-input --disable-pip-version-check --only-binary=:all: "$@" \
    -r "$requirements" ||
    fail "pip could not install $requirements (offline, or disk full?); see the lines above."
  echo "$key" >"$folder/stamp"
}

# The set-up's own: it fetches and converts; nothing at run time needs it.
make_setup_environment() {
  make_python_environment "$python_environment" scripts/setup/requirements.txt --no-deps --require-hashes
}
