#!/usr/bin/env bash
# What is generated and committed is what would be generated now: the OpenAPI document and its types, the plans of all
# stages, the table of policies, the types of linked resources.
set -euo pipefail
cd "$(dirname "$0")/../.."
npm run --silent openapi
npm run --silent deploy:dry -- --accept
changed="$(git status --porcelain -- packages/client sst-env.d.ts test/infra/plans test/infra/policies.md)"
if [ -n "$changed" ]; then
  printf 'not committed as it is generated:\n%s\n' "$changed" >&2
  exit 1
fi
