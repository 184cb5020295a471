# clang-format over every C++ file; .clang-format says how.

check_format() {
  cpp_files | xargs -r -n 16 -P "$(build_jobs)" clang-format-19 --dry-run -Werror
}
