#!/usr/bin/env bash
# Writes the bill of materials of the lockfile as CycloneDX: sbom.sh FILE
set -euo pipefail
cd "$(dirname "$0")/../.."
npm sbom --package-lock-only --sbom-format cyclonedx > "$1"
echo "$(grep -c '"bom-ref"' "$1") components in $1"
