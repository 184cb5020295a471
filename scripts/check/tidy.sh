# clang-tidy, by the compile commands of the fuzz build: clang's own flags, all that needs no libtorch.

tidy_all() {
  configure_preset fuzz || return 1
  compiled_files build/fuzz | xargs -n 1 -P "$(build_jobs)" bash -c 'tidy_one "$0"'
}

tidy_one() {
  clang-tidy-19 -p build/fuzz --quiet --warnings-as-errors='*' "$1" 2>/dev/null
}
export -f tidy_one

# compiled_files BUILD: the sources of a build that lie in the repository, without generated ones.
compiled_files() {
  sed -n "s|^ *\"file\": \"$PWD/\(.*\)\".*|\1|p" "$1/compile_commands.json" | grep -v '^build/' | sort -u
}
