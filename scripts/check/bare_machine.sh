#!/usr/bin/env bash
# Proves the set-up on a bare machine: a new Debian 12 with git and nothing else (debootstrap, minbase), in a
# chroot; there `git clone` of this checkout, then the commands. Needs root, debootstrap and about 20 GB.
#   scripts/check/bare_machine.sh FOLDER [COMMAND...]
# Default: ./run selftest with the small set, with the standard set (twice), ./check.
# FOLDER holds the system and is kept; a second call starts from a fresh clone in the same system.
# The host's certificates and package index settings are taken along, as an administrator would set them.
set -euo pipefail

folder="${1:?usage: scripts/check/bare_machine.sh FOLDER [COMMAND...]}"
shift
commands=("$@")
((${#commands[@]} > 0)) ||
  commands=("./run selftest --models small" "./run selftest" "./run selftest" "./check")
source_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
system="$folder/root"
mkdir -p "$folder"

[[ -x "$system/usr/bin/git" ]] ||
  debootstrap --variant=minbase --include=git bookworm "$system" http://deb.debian.org/debian
cp /etc/resolv.conf "$system/etc/resolv.conf"
certificates="${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"
mkdir -p "$system/etc/host-certificates"
[[ ! -f "$certificates" ]] || cp "$certificates" "$system/etc/host-certificates/all.crt"

mount_into() {
  mountpoint -q "$system/$1" || { mkdir -p "$system/$1"; mount "${@:2}" "$system/$1"; }
}
unmount_all() {
  local place
  for place in source dev/shm dev proc; do
    ! mountpoint -q "$system/$place" || umount "$system/$place"
  done
}
trap unmount_all EXIT
mount_into proc -t proc proc
mount_into dev --bind /dev
mount_into dev/shm -t tmpfs tmpfs
mount_into source --bind -o ro "$source_folder"

inside() {
  local certificate_file=/etc/host-certificates/all.crt
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 SSL_CERT_FILE="$certificate_file" \
    PIP_CERT="$certificate_file" ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} \
    chroot "$system" bash -c "$1" </dev/null
}

inside "git config --global --add safe.directory '*'"
inside "rm -rf ~/antiphon && git clone -q /source ~/antiphon"
for command in "${commands[@]}"; do
  echo "### $command"
  begin=$SECONDS
  inside "cd ~/antiphon && $command"
  echo "### $command: $((SECONDS - begin)) s"
done
