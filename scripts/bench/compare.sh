#!/usr/bin/env bash
# Measures every network beside the published runtime of the same weights, in turns, one thread each, and
# prints a Markdown table: scripts/bench/compare.sh [--models small|standard] [--rounds N] [--only NETWORK]
# Needs build/release/antiphon and its weights (./run makes both). Not part of ./check.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup/stage.sh
source scripts/setup/places.sh
source scripts/setup/python.sh

[[ -x build/release/antiphon ]] || fail "build/release/antiphon is missing; ./run builds it."
comparison="$antiphon_cache/comparison"
environment="$comparison/python"

lock_cache
make_python_environment "$environment" scripts/bench/requirements.txt
PYTHONPATH=scripts/setup "$environment/bin/python" scripts/bench/published_graphs.py "$comparison/graphs"
[[ -f "$comparison/graphs/minilm.onnx" ]] || "$environment/bin/python" scripts/bench/minilm_graph.py \
  "$models_folder/minilm/model.safetensors" "$comparison/graphs/minilm.onnx"
unlock_cache
OMP_NUM_THREADS=1 "$environment/bin/python" scripts/bench/compare.py "$comparison/graphs" \
  "$models_folder" "$@"
