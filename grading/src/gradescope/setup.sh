#!/usr/bin/env bash
# Prepares the autograder's machine, once for each upload: installs Rust if needed, and builds the
# project as it was handed out, so that grading a submission only rebuilds what was changed.
set -euo pipefail

autograder=${VMLAB_AUTOGRADER:-/autograder}
project=${VMLAB_PROJECT:-$autograder/source/project}
export PATH="$HOME/.cargo/bin:$PATH"

if ! command -v cargo >/dev/null 2>&1; then
    if ! command -v curl >/dev/null 2>&1; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq curl ca-certificates
    fi
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
fi

# The launcher installs whatever else the build needs.
cd "$project"
./vmlab list >/dev/null
