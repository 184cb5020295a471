# The project's own C++ files, one per line.

cpp_files() {
  local room rooms=()
  for room in server pipeline audio models context_store tests; do
    [[ ! -d "$room" ]] || rooms+=("$room")
  done
  find "${rooms[@]}" -name data -prune -o \( -name '*.cpp' -o -name '*.h' \) -print | sort
}
