# Configures and builds one preset.

# Jobs that fit the machine: one per core, and 1.5 GiB of memory for each (a file that includes libtorch).
build_jobs() {
  local cores memory_jobs
  cores="$(nproc)"
  memory_jobs="$(awk '/^MemAvailable/ {print int($2 / 1572864)}' /proc/meminfo)"
  ((memory_jobs >= 1)) || memory_jobs=1
  echo "${ANTIPHON_JOBS:-$((cores < memory_jobs ? cores : memory_jobs))}"
}

# configure_preset PRESET: only when its inputs changed; Ninja itself notices an edited CMakeLists.txt.
configure_preset() {
  local folder="build/$1" key
  key="$(sha256sum <CMakePresets.json) $libtorch_folder"
  stamped "$folder/configured" "$key" && [[ -f "$folder/build.ninja" ]] && return
  mkdir -p build
  cmake --preset "$1" -DANTIPHON_LIBTORCH="$libtorch_folder" >build/configure.log 2>&1 ||
    { cat build/configure.log >&2; return 1; }
  echo "$key" >"$folder/configured"
}

# build_preset PRESET [target...]
build_preset() {
  local preset="$1" targets=()
  shift
  (($# == 0)) || targets=(--target "$@")
  configure_preset "$preset" && cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}"
}
