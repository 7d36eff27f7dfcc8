#!/usr/bin/env bash
# Runs every benchmark of a build folder and prints one table a folder. Figures are ratios to a limit measured in the same
# run wherever one exists; see docs/performance.md.
set -euo pipefail
build=$1
shift || true
found=no
for program in "$build"/*/*_bench; do
  [ -x "$program" ] || continue
  found=yes
  printf '\n== %s\n' "$(basename "$program")"
  "$program" --benchmark_counters_tabular=true "$@" 2>/dev/null
done
[ "$found" = yes ] || { echo "no benchmarks in $build" >&2; exit 1; }
