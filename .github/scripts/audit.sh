#!/usr/bin/env bash
# No dependency with a known high or critical vulnerability. Needs npm's advisory service.
set -euo pipefail
npm audit --audit-level=high
