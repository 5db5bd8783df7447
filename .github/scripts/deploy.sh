#!/usr/bin/env bash
# Deploys a stage, publishes its mail templates and proves it from outside: deploy.sh STAGE
# dev is held against the contract, too; elsewhere its refusals would ring the alarm on 4xx (docs/decisions/0023).
# The commit is the health answer's version. The approval of the GitHub environment stands for the name typed by hand.
set -euo pipefail
cd "$(dirname "$0")/../.."
# The dependencies bring the Node that runs TypeScript; the machine's own may be older.
export PATH="$PWD/node_modules/.bin:$PATH"
stage="$1"
export SERVICE_VERSION="${SERVICE_VERSION:-$(git rev-parse HEAD)}" OPS_APPROVED_STAGE="$stage"
url="$(node .github/scripts/stage-url.ts --stage "$stage")"
# Before anything is changed: a client that the issuer refuses must not look like a bad release. The way back (ROLL_BACK=true)
# waits for no issuer: the stage goes back, is smoked as a guest, and the deploy is red for the rest.
if ! token="$(node .github/scripts/smoke-token.ts --stage "$stage")"; then
  if [ "${ROLL_BACK:-false}" != true ]; then exit 1; fi
  tokenless=true
fi
# For the smoke alone: what builds and deploys has no use for a customer's token.
unset SMOKE_CLIENT_ID SMOKE_CLIENT_SECRET BBWS_TOKEN
npm run deploy -- --stage "$stage"
npm run templates -- publish --stage "$stage" --after-deploy
BBWS_TOKEN="$token" npm run --silent smoke -- "$url" --commit "$SERVICE_VERSION" --json
if [ "$stage" = dev ]; then BASE_URL="$url" npm run --silent test:contract; fi
if [ "${tokenless:-false}" = true ]; then
  echo "$stage is rolled back, but was smoked as a guest: nobody saw a document, a list or a cancellation" >&2
  exit 1
fi
