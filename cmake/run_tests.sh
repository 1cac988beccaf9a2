#!/usr/bin/env bash
# Runs every registered test of a build tree; ends with the line 'N passed, N failed'.
set -uo pipefail
build=${1:?usage: run_tests.sh BUILD_DIR}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" | tee "$log"
status=${PIPESTATUS[0]}
total=$(sed -n 's/.*tests failed out of \([0-9]*\)$/\1/p' "$log" | tail -1)
failed=$(sed -n 's/.*, \([0-9]*\) tests failed out of .*/\1/p' "$log" | tail -1)
skipped=$(grep -c '\*\*\*Skipped' "$log")
if [ -z "$total" ]; then echo "0 passed, 1 failed"; exit 1; fi
if [ "$skipped" -gt 0 ]; then
  echo "$skipped skipped:"
  sed -n 's/^skipped: /  /p' "$build/Testing/Temporary/LastTest.log"  # ctest itself keeps the reasons to this file
fi
echo "$((total - failed - skipped)) passed, $failed failed"
exit "$status"
