# clang-tidy, by the compile commands of the asan build: clang's own flags, all that needs no libtorch. A
# command there compiles several sources at once (a generated file includes them), so that each header is read
# once for all of them.

tidy_all() {
  configure_preset asan || return 1
  compiled_files build/asan | xargs -n 1 -P "$(build_jobs)" bash -c 'tidy_one "$0"'
}

# suspicious-include: the generated file's business is to include sources.
tidy_one() {
  clang-tidy-19 -p build/asan --quiet --warnings-as-errors='*' --checks=-bugprone-suspicious-include "$1" \
    2>/dev/null
}
export -f tidy_one

# compiled_files BUILD: what the build compiles, without sources that are generated whole and lone headers.
compiled_files() {
  sed -n "s|^ *\"file\": \"\(.*\)\".*|\1|p" "$1/compile_commands.json" |
    grep -v -e '/demo_files\.cpp$' -e '/catalogue_text\.cpp$' -e '/lone_headers_' | sort -u
}
