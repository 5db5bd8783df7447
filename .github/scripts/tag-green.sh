#!/usr/bin/env bash
# Tags the checked-out commit as green on a stage and pushes the tag: tag-green.sh STAGE HASHES_FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
git config user.name "release" && git config user.email "release@kimmyai.io"
tag="$(node .github/scripts/green.ts mark --stage "$1" --commit HEAD --hashes "$2")"
git push origin "refs/tags/$tag"
echo "$tag"
