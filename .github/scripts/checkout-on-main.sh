#!/usr/bin/env bash
# Checks out a commit or tag, if it was ever on main: checkout-on-main.sh COMMIT
# What runs with a stage's credentials is what was reviewed; a branch's commit would bring scripts of its own along.
set -euo pipefail
commit="$(git rev-parse --verify --quiet "$1^{commit}")" || {
  echo "there is no commit or tag \"$1\" in this repository" >&2
  exit 1
}
if ! git merge-base --is-ancestor "$commit" origin/main; then
  echo "$1 was never on main: merge it first, then promote the merged commit" >&2
  exit 1
fi
git checkout --quiet --detach "$commit"
echo "$commit"
