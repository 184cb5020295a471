# Installs the Debian packages of packages.txt that are missing. Never asks a question.

# packages_missing GROUP...: names of the groups' packages that are not installed, on one line.
packages_missing() {
  local wanted=() name
  while read -r group name _; do
    [[ " $* " == *" $group "* ]] && wanted+=("$name")
  done < <(grep -v -e '^#' -e '^$' scripts/setup/packages.txt)
  # dpkg-query says nothing about a package that it has never heard of, so compare with what it knows.
  local installed
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
    sed -n 's/^installed //p' | tr '\n' ' ')"
  for name in "${wanted[@]}"; do
    [[ "$installed" == *" $name "* ]] || printf '%s ' "$name"
  done
}

# install_packages GROUP...
install_packages() {
  local missing as_root=()
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "this set-up is for Debian 12; elsewhere install the counterparts of scripts/setup/packages.txt and \
set ANTIPHON_SKIP_PACKAGES=1."
  missing="$(packages_missing "$@")"
  if [[ -z "$missing" ]]; then
    echo "    all there"
    return
  fi
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null ||
      fail "Debian packages are missing and neither root nor password-free sudo is at hand; run as root: \
apt-get install -y $missing"
    as_root=(sudo -n)
  fi
  echo "    installing: $missing"
  apt_get update || fail "the list of Debian packages could not be fetched (offline?); see the lines above."
  # shellcheck disable=SC2086  # a list of names
  apt_get install -y --no-install-recommends $missing ||
    fail "the Debian packages could not be installed (offline? disk full?); see the lines above."
}

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q "$@" </dev/null \
    >"$package_log" 2>&1 || { tail -n 15 "$package_log" >&2; return 1; }
}

package_log="$(mktemp)"
trap 'rm -f "$package_log"' EXIT
