#!/usr/bin/env bash
# Says in the step's outputs whether `npm run deploy` has begun to change a stage: it leaves a mark after its guards.
set -euo pipefail
if [ -e "$RUNNER_TEMP/touched" ]; then echo "touched=true"; else echo "touched=false"; fi >> "$GITHUB_OUTPUT"
