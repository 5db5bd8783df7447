#!/usr/bin/env bash
# Fails unless a tag exists and is one of a stage's: tag-of-stage.sh STAGE TAG
set -euo pipefail
if [[ "$2" != "$1/"* ]]; then
  echo "\"$2\" is no tag of $1: they begin with $1/" >&2
  exit 1
fi
git rev-parse --verify --quiet "refs/tags/$2^{commit}" || {
  echo "there is no tag \"$2\"" >&2
  exit 1
}
