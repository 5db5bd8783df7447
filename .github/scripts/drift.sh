#!/usr/bin/env bash
# What is generated and committed is what would be generated now: the OpenAPI document and its types, the plans of all
# stages, the table of policies, the types of linked resources.
set -euo pipefail
cd "$(dirname "$0")/../.."
npm run --silent openapi
npm run --silent deploy:dry -- --accept
git diff --exit-code --stat -- packages/client sst-env.d.ts test/infra/plans test/infra/policies.md
