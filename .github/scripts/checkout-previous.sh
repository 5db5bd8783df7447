#!/usr/bin/env bash
# Checks out the commit that was green on a stage before the present one: checkout-previous.sh STAGE
# Before the dependencies are there, so in shell alone; green.ts says the same.
set -euo pipefail
stage="$1"
own="$(git tag --list --points-at HEAD "$stage/*")"
previous="$(git tag --list --sort=-refname "$stage/*" | grep -vxF "${own:-none}" | head -n 1 || true)"
if [ -z "$previous" ]; then
  echo "$stage has no earlier green tag to go back to" >&2
  exit 1
fi
"$(dirname "$0")/checkout-on-main.sh" "$previous" >&2
echo "$previous"
