#!/usr/bin/env bash
# Prepares the autograder's machine, once for each upload: installs git and Rust if needed, and builds the grader and
# the machine program, so that grading a submission only compiles its own crate.
set -euo pipefail

autograder=${VMLAB_AUTOGRADER:-/autograder}
project=${VMLAB_PROJECT:-$autograder/source/project}
export PATH="$HOME/.cargo/bin:$PATH"

lacking=()
for tool in curl git; do
    command -v "$tool" >/dev/null 2>&1 || lacking+=("$tool")
done
if [ "${#lacking[@]}" -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ca-certificates "${lacking[@]}"
fi
if ! command -v cargo >/dev/null 2>&1; then
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
fi

# The launcher installs whatever else the build needs. The tree's own kernel stands for a submission.
cd "$project"
./vmlab --yes submit check vm/src
