#!/usr/bin/env bash
# What the backend must show on a machine with a GPU, in one go; prints a line per check and ends with their number.
#   bash tests/plugins/backends/cuda/on_a_gpu.sh BUILD_DIR LOG_DIR [BACKEND]
# It needs the build tree's program, plugins and tests where they were built, the GPU's driver and NVRTC. Where there is
# no compute-sanitizer, a line says what is left out. A BACKEND other than `cuda` is for a look at this script.
set -uo pipefail
usage='usage: on_a_gpu.sh BUILD_DIR LOG_DIR [BACKEND]'
build=$(realpath "${1:?$usage}")
logs=${2:?$usage}
backend=${3:-cuda}
configs=$(realpath "$(dirname "$0")/../../../../configs")
tests=$build/tests/plugins/backends
mkdir -p "$logs"
passed=0 failed=0

check() {  # NAME COMMAND...: what it prints goes to LOG_DIR/NAME.log, and is shown in part where it fails
  local name=$1 log="$logs/${1// /_}.log" begin=$SECONDS verdict=passed
  shift
  if ("$@") >"$log" 2>&1; then passed=$((passed + 1)); else verdict=FAILED failed=$((failed + 1)); fi
  printf '%-7s %-40s %5d s  %s\n' $verdict "$name" $((SECONDS - begin)) "$(tail -1 "$log" | cut -c1-120)"
  [ $verdict = passed ] || tail -15 "$log" | sed 's/^/        /'
}
odeon() { timeout 600 "$build/bin/odeon" "$@"; }

# Columns of numbers: their largest difference, which fails above BOUND times the largest number.
compare() {  # FILE FILE BOUND
  paste "$1" "$2" | awk -v bound="$3" '
    function size(x) { return x < 0 ? -x : x }
    NF != 2 { bad = 1 }
    { if (size($1 - $2) > most) most = size($1 - $2); if (size($1) > scale) scale = size($1) }
    END { printf "%d numbers up to %.3g, largest difference %.3g\n", NR, scale, most
          exit bad || NR == 0 || !(most <= bound * scale) }'
}

states() {  # BACKEND
  odeon run "$configs/03_neural_field.yaml" --set "backend=$1" --set precision=float64 >"$logs/states_$1.log" &&
    grep -E '^( |dL)' "$logs/states_$1.log" | tr -s ' ' '\n' | grep -E '^[-0-9]' >"$logs/states_$1.txt"
}
same_states() { states "$backend" && states cpu && compare "$logs/states_$backend.txt" "$logs/states_cpu.txt" 1e-9; }

losses() {  # BACKEND: of 50 steps, each over all images
  odeon run "$configs/digits/ode_net.yaml" --set "backend=$1" --set train.batch=100000 --set train.epochs=50 \
    --set 'train.learning_rate_schedule=[]' --output "$logs/losses_$1" --quiet &&
    awk -F, 'NR > 1 { print $2 }' "$logs/losses_$1/history.csv" >"$logs/losses_$1.txt"
}
same_losses() { losses "$backend" && losses cpu && compare "$logs/losses_$backend.txt" "$logs/losses_cpu.txt" 1e-3; }

same_bits() {
  local run
  for run in first second; do
    odeon run "$configs/spiral.yaml" --set "backend=$backend" --set train.epochs=20 --output "$logs/$run" --quiet ||
      return 1
  done
  cmp "$logs/first/states.npy" "$logs/second/states.npy" &&
    cmp "$logs/first/weights.safetensors" "$logs/second/weights.safetensors" && echo "the same bits"
}

device=$(odeon plugins -v | sed -n "/^backend *$backend /,/^[a-z]/p" | grep -E '^ *(device|backend .*no device)' | head -1)
echo "$backend: ${device:-not installed}"
case $device in *no\ device* | '') exit 1 ;; esac
check "contract" odeon check "$build/plugins/odeon_backend_$backend.so" --timeout 300
check "ops of the maths" timeout 600 "$tests/backends_maths_test"
check "ops of graphs" timeout 600 "$tests/backends_graph_test"
check "states in double precision to 1e-9" same_states
check "losses of 50 steps to 1e-3" same_losses
check "the same bits twice" same_bits
check "whole solves and gradients" env ODEON_TEST_GPU_BACKEND="$backend" timeout 900 "$tests/cuda/backends_cuda_solve_test"
if command -v compute-sanitizer >"$logs/sanitizer.txt"; then
  for tool in memcheck racecheck synccheck initcheck; do
    for test in maths graph; do
      check "$tool of ${test}s" timeout 900 compute-sanitizer --tool "$tool" --error-exitcode 1 \
        "$tests/backends_${test}_test"
    done
  done
else
  echo "left out: compute-sanitizer is not there"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
