#!/usr/bin/env bash
# Installs what Odeon needs, builds it, and runs the main job (default) or every test (`test`).
# Environment: ODEON_BUILD_DIR (default build), ODEON_SKIP_INSTALL=1 (packages are already there).
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-run}
build=${ODEON_BUILD_DIR:-build}

install_packages() {
  local packages missing=()
  mapfile -t packages < <(grep -v '^#' cmake/packages-debian12.txt)
  for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

[ "${ODEON_SKIP_INSTALL:-0}" = 1 ] || install_packages
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >"${TMPDIR:-/tmp}/odeon-configure.log" ||
  { cat "${TMPDIR:-/tmp}/odeon-configure.log"; exit 1; }
cmake --build "$build" -j "$(nproc)"

case "$mode" in
  run) exec cmake/main_job.sh "$build" ;;
  test) exec cmake/run_tests.sh "$build" ;;
  *) echo "usage: bash cmake/quickstart.sh [test]" >&2; exit 2 ;;
esac
