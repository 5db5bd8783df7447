#!/usr/bin/env bash
# Deploys a stage, publishes its mail templates and proves it from outside: deploy.sh STAGE
# The commit is the health answer's version. The approval of the GitHub environment stands for the name typed by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
stage="$1"
export SERVICE_VERSION="${SERVICE_VERSION:-$(git rev-parse HEAD)}" OPS_APPROVED_STAGE="$stage"
npm run deploy -- --stage "$stage"
npm run templates -- publish --stage "$stage"
npm run --silent ops -- smoke "$(node .github/scripts/stage-url.ts --stage "$stage")" --json
