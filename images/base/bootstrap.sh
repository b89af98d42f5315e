#!/bin/sh
# Write a small Debian with Python 3.13 into a tar file: the base of the sandbox
# image on a machine that reaches no registry.
#
#     bootstrap.sh OUT.tar ARCHITECTURE [MIRROR]
#
# Root is not needed where user namespaces are allowed: mmdebstrap picks its mode.
set -eu

out=$1
architecture=$2
shift 2

# `essential` has no package manager: a box has no network and no root to use one with.
# What is excluded is never looked at by a program under test.
exec mmdebstrap \
    --variant=essential \
    --architectures="$architecture" \
    --include=python3 \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/lintian/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    trixie "$out" "$@"
