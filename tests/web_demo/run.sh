#!/usr/bin/env bash
# Tests the demo page: its parts in Node, then the page itself in headless Chromium against servers of its
# own, with synthesised speech for a microphone. Needs build/release/antiphon, the small models, Debian's
# chromium, Node and npm.
#   tests/web_demo/run.sh [--picture]      --picture: makes web_demo/screenshot.png anew
# ANTIPHON_RECORDING: a WAV file (mono, 16 bit) of a person, who is to be understood too.
# Screenshots of every state: ANTIPHON_ARTEFACTS, or artefacts/ in the cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup/places.sh
environment="$antiphon_cache/web_demo_test"
export ANTIPHON_PROGRAM="$PWD/build/release/antiphon"
export ANTIPHON_BROWSER="${ANTIPHON_BROWSER:-$(command -v chromium)}"
export ANTIPHON_ARTEFACTS="${ANTIPHON_ARTEFACTS:-$environment/artefacts}"
export ANTIPHON_NODE_MODULES="$environment/"
[[ "${1:-}" != --picture ]] || export ANTIPHON_PICTURE="$PWD/web_demo/screenshot.png"

if ! cmp -s "$environment/stamp" tests/web_demo/package.json; then
  mkdir -p "$environment"
  cp tests/web_demo/package.json "$environment/package.json"
  (cd "$environment" && npm install --silent --no-audit --no-fund)
  cp tests/web_demo/package.json "$environment/stamp"
fi
mkdir -p "$ANTIPHON_ARTEFACTS"
node --test --test-reporter=spec tests/web_demo/unit/
node --test --test-reporter=spec tests/web_demo/page_test.mjs
echo "screenshots: $ANTIPHON_ARTEFACTS"
