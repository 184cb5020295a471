# Everything before the build, in order. Sourced by ./run and ./check from the repository's root.

source scripts/setup/stage.sh
source scripts/setup/places.sh
source scripts/setup/machine.sh
source scripts/setup/packages.sh
source scripts/setup/python.sh
source scripts/setup/build.sh

# prepare "GROUPS" "SETS" MIB: packages, libtorch and weights; MIB of disk for the build.
prepare() {
  local package_groups="$1" model_sets="$2" build_mib="$3"
  check_machine "$build_mib"
  if [[ -z "${ANTIPHON_SKIP_PACKAGES:-}" ]]; then
    # shellcheck disable=SC2086  # a list of groups
    stage "Debian packages" install_packages $package_groups
  fi
  lock_cache
  stage "libtorch" install_libtorch
  # shellcheck disable=SC2086  # a list of sets
  stage "weights ($model_sets)" install_models $model_sets
  unlock_cache
}

# Both ask the distribution's Python first whether there is anything to do: with everything in place neither
# network nor environment is needed.
install_libtorch() {
  local python
  python="$(find_python)" || exit 1
  "$python" scripts/setup/libtorch.py check "$libtorch_folder" && { echo "    there"; return; }
  [[ -z "${ANTIPHON_LIBTORCH:-}" ]] || exit 1
  make_setup_environment
  "$python_environment/bin/python" scripts/setup/libtorch.py install "$libtorch_folder"
}

install_models() {
  local python
  python="$(find_python)" || exit 1
  "$python" scripts/setup/models.py check "$models_folder" "$@" && { echo "    there"; return; }
  [[ -z "${ANTIPHON_MODELS:-}" ]] || exit 1
  make_setup_environment
  "$python_environment/bin/python" scripts/setup/models.py install "$models_folder" "$@"
}
