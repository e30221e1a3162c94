# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Packages of any Debian suite for fetch and build, by lists of their own: the machine's stay as they are.

mirror() {
    # shellcheck disable=SC2016 # the dollar is apt's
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep -v security | grep debian | head -n 1
}

private_apt() { # SUITE STATE
    local suite=$1 state=$2 uri
    uri=$(mirror)
    mkdir -p "$state"/lists/partial "$state"/cache/archives/partial
    echo "deb [check-valid-until=no signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
        "${uri:-http://deb.debian.org/debian} $suite main" >"$state/sources.list"
    apt=(-o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
        -o Acquire::Retries=3 -o APT::Sandbox::User=root)
    apt-get "${apt[@]}" -qq update
}

choose() { # PACKAGE PATTERN
    if apt-cache "${apt[@]}" show "$1" >/dev/null 2>&1; then
        echo "$1"
        return
    fi
    apt-cache "${apt[@]}" search --names-only "$2" | cut -d ' ' -f 1 | sort -V | tail -n 1
}

download() { # DIRECTORY PACKAGE...
    (cd "$1" && apt-get "${apt[@]}" -qq download "${@:2}")
}
