# What the machine must have before anything is fetched or built.

check_machine() {
  [[ "$(uname -s) $(uname -m)" == "Linux x86_64" ]] ||
    fail "Antiphon needs Linux on x86-64 (its libtorch is for that); this is $(uname -s) $(uname -m)."
  grep -q -m1 -w avx2 /proc/cpuinfo ||
    echo "    this processor has no AVX2: all works, through portable kernels, but several times slower."
  local free_mib
  free_mib="$(df -Pm . | awk 'NR == 2 {print $4}')"
  ((free_mib >= $1)) ||
    fail "the disk is full: $PWD has $free_mib MiB free and building needs about $1 MiB."
}
