#!/usr/bin/env bash
# Publishes the release of the newest prod tag, with what it brings since the one before.
set -euo pipefail
cd "$(dirname "$0")/../.."
# The dependencies bring the Node that runs TypeScript; the machine's own may be older.
export PATH="$PWD/node_modules/.bin:$PATH"
tag="$(git tag --list --points-at HEAD --sort=-refname 'prod/*' | head -n 1)"
from="$(node .github/scripts/green.ts previous --stage prod || true)"
node .github/scripts/release-notes.ts --from "$from" --to HEAD > "${RUNNER_TEMP:-/tmp}/notes.md"
gh release create "$tag" --title "$tag" --notes-file "${RUNNER_TEMP:-/tmp}/notes.md"
