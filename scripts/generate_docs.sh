#!/usr/bin/env bash
# Writes the generated documents from the program's own tables; with --check compares instead and fails on a difference.
set -euo pipefail
program=$1
mode=${2:-write}
root=$(cd "$(dirname "$0")/.." && pwd)
status=0

put() {  # put FILE ARGS...
  local file=$root/$1
  shift
  if [ "$mode" = --check ]; then
    if ! "$program" "$@" | cmp -s - "$file"; then
      echo "${file#"$root"/} is not what 'mimica $*' prints: run ./dev docs and commit" >&2
      status=1
    fi
  else
    "$program" "$@" >"$file.new"
    mv "$file.new" "$file"
  fi
}

put docs/rules.md rules --markdown
put docs/errors.md errors --markdown
put docs/events.md events --markdown
put docs/scenarios.md scenarios --markdown
put scenarios/schema.json schema
exit $status
