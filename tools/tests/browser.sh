#!/bin/sh
# Prints the path of a browser for the tests of pages: the one that VMLAB_BROWSER names, or an installed
# Chromium. With VMLAB_BROWSER=install one is installed first if there is none (Debian, Ubuntu). Without
# a browser it says why on standard error and exits with 1.
set -eu

find_browser() {
    for name in chromium chromium-browser google-chrome chrome; do
        if command -v "$name"; then
            return 0
        fi
    done
    return 1
}

case "${VMLAB_BROWSER:-}" in
'' | install) ;;
*)
    if ! command -v "$VMLAB_BROWSER"; then
        echo "VMLAB_BROWSER is '$VMLAB_BROWSER', which is not a program" >&2
        exit 1
    fi
    exit 0
    ;;
esac

if find_browser; then
    exit 0
fi
if [ "${VMLAB_BROWSER:-}" != install ]; then
    echo "there is no Chromium; VMLAB_BROWSER=install installs one, VMLAB_BROWSER=PATH names one" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    echo "there is no apt-get to install Chromium with" >&2
    exit 1
fi
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
{
    $as_root apt-get update && $as_root apt-get install -y --no-install-recommends chromium
} >&2
find_browser
