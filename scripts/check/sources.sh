# The project's own C++ files, one per line.

cpp_files() {
  find server pipeline audio models context_store tests -name data -prune -o \
    \( -name '*.cpp' -o -name '*.h' \) -print 2>/dev/null | sort
}
