#!/usr/bin/env bash
# The main job: ODE-Net, RK-Net, ResNet and an MLP trained on the embedded digits; prints their table.
set -euo pipefail
build=${1:?usage: main_job.sh BUILD_DIR}
exec "$build/bin/odeon" run configs/digits/compare.yaml
