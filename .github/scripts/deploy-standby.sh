#!/usr/bin/env bash
# Brings prod's standby to the checked-out commit, so that a failover never falls back to an old release.
# Its data, templates and host name are prod's: there is nothing to publish, and nothing that can be reached from outside.
set -euo pipefail
cd "$(dirname "$0")/../.."
export SERVICE_VERSION="${SERVICE_VERSION:-$(git rev-parse HEAD)}"
npm run deploy -- --stage prod-dr
