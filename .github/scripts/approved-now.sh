#!/usr/bin/env bash
# Fails unless this attempt of the run is the one that was approved: approved-now.sh ATTEMPT
# "Re-run failed jobs" passes over the approval for thirty days, whatever the reviewers know by then.
set -euo pipefail
if [ "$1" != "$GITHUB_RUN_ATTEMPT" ]; then
  echo "attempt ${1:-none} was approved, this is attempt $GITHUB_RUN_ATTEMPT: re-run all jobs, or start the workflow anew" >&2
  exit 1
fi
