#!/usr/bin/env bash
# Deploys a stage, publishes its mail templates and proves it from outside: deploy.sh STAGE
# The commit is the health answer's version. The approval of the GitHub environment stands for the name typed by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
stage="$1"
export SERVICE_VERSION="${SERVICE_VERSION:-$(git rev-parse HEAD)}" OPS_APPROVED_STAGE="$stage"
url="$(node .github/scripts/stage-url.ts --stage "$stage")"
# From here on the stage may be half changed: a failed promotion goes back.
if [ -n "${RUNNER_TEMP:-}" ]; then touch "$RUNNER_TEMP/touched"; fi
npm run deploy -- --stage "$stage"
npm run templates -- publish --stage "$stage"
npm run --silent smoke -- "$url" --commit "$SERVICE_VERSION" --json
