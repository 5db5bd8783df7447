#!/usr/bin/env bash
# Tags the checked-out commit as green on a stage, with the hashes of its bundles, and pushes the tag: tag-green.sh STAGE
set -euo pipefail
cd "$(dirname "$0")/../.."
# The dependencies bring the Node that runs TypeScript; the machine's own may be older.
export PATH="$PWD/node_modules/.bin:$PATH"
tag="$(GIT_COMMITTER_NAME=release GIT_COMMITTER_EMAIL=release@kimmyai.io node .github/scripts/green.ts mark --stage "$1")"
git push --quiet origin "refs/tags/$tag"
echo "$tag"
