# Where things are: the cache outside the build tree, or the user's own folders.

antiphon_cache="${XDG_CACHE_HOME:-$HOME/.cache}/antiphon"
models_folder="${ANTIPHON_MODELS:-$antiphon_cache/models}"
libtorch_folder="${ANTIPHON_LIBTORCH:-$antiphon_cache/libtorch}"
python_environment="$antiphon_cache/python"

# One set-up at a time may write to the cache; a second one waits for the first.
lock_cache() {
  mkdir -p "$antiphon_cache" ||
    fail "cannot write to '$antiphon_cache'; set XDG_CACHE_HOME to a folder of yours."
  exec {cache_lock}>"$antiphon_cache/lock"
  flock -n "$cache_lock" || { echo "    waiting for another set-up to end"; flock "$cache_lock"; }
}

unlock_cache() {
  exec {cache_lock}>&-
}
