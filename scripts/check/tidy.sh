# clang-tidy, from the compile commands of the fuzz build (clang's own flags, everything that needs no libtorch).

tidy_all() {
  configure_preset fuzz || return 1
  local files
  files="$(sed -n 's/^ *"file": ".*\/\(\(server\|pipeline\|audio\|models\|context_store\|tests\)\/.*\)".*/\1/p' \
    build/fuzz/compile_commands.json | sort -u)"
  xargs -n 1 -P "$(build_jobs)" clang-tidy-19 -p build/fuzz --quiet --warnings-as-errors='*' <<<"$files" 2>/dev/null
}
