# Configures and builds one preset.

# Jobs that fit the machine: one per core, and 1.5 GiB of memory for each (a file that includes libtorch).
build_jobs() {
  local cores memory_jobs
  cores="$(nproc)"
  memory_jobs="$(awk '/^MemAvailable/ {print int($2 / 1572864)}' /proc/meminfo)"
  ((memory_jobs >= 1)) || memory_jobs=1
  echo "${ANTIPHON_JOBS:-$((cores < memory_jobs ? cores : memory_jobs))}"
}

# build_preset PRESET cmake-options... -- targets...: configures only when the inputs changed (Ninja does the rest).
build_preset() {
  local preset="$1" options=() targets=() key stamp
  shift
  while (($# > 0)) && [[ "$1" != "--" ]]; do options+=("$1"); shift; done
  shift || true
  (($# == 0)) || targets=(--target "$@")
  stamp="build/$preset/configured"
  key="$(sha256sum CMakePresets.json) $libtorch_folder ${options[*]}"
  if ! stamped "$stamp" "$key" || [[ ! -f "build/$preset/build.ninja" ]]; then
    cmake --preset "$preset" -DANTIPHON_LIBTORCH="$libtorch_folder" "${options[@]}" >"build/configure.log" 2>&1 ||
      { cat build/configure.log >&2; return 1; }
    echo "$key" >"$stamp"
  fi
  cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}"
}
