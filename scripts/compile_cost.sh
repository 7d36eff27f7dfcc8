#!/usr/bin/env bash
# Runs a compiler. With MIMICA_COMPILE_COST=FILE its CPU seconds, the build
# folder and the output's name are appended to FILE.
[ -n "${MIMICA_COMPILE_COST:-}" ] || exec "$@"
"$@"
status=$?
output=
previous=
for word in "$@"; do
  [ "$previous" != -o ] || output=$word
  previous=$word
done
times >"$MIMICA_COMPILE_COST.$$"  # second line: the children's user and system time, as 0m1.234s
awk -v folder="$PWD" -v output="$output" 'NR == 2 {
  for (i = 1; i <= 2; i++) { split($i, part, "m"); total += part[1] * 60 + part[2] }
  printf "%.2f %s %s\n", total, folder, output
}' "$MIMICA_COMPILE_COST.$$" >>"$MIMICA_COMPILE_COST"
rm -f "$MIMICA_COMPILE_COST.$$"
exit $status
