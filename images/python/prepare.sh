#!/bin/sh
# Runs once, as root, inside the build: turns a Debian into the sandbox image.
set -eu

context=/tmp/context
packages=/usr/local/lib/python3.13/dist-packages

if [ ! -x /usr/bin/python3.13 ]; then
    # A base from a registry: the only step that uses the network. The certificate is the
    # building host's, for machines behind a proxy that opens TLS; it leaves with the context.
    [ -s "$context/host-ca.pem" ] && printf 'Acquire::https::CAInfo "%s";\n' "$context/host-ca.pem" > /etc/apt/apt.conf.d/zz-mendbox
    if [ -s "$context/mirror" ]; then
        rm -f /etc/apt/sources.list.d/*
        sed 's/^/deb /; s/$/ trixie main/' "$context/mirror" > /etc/apt/sources.list
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q -y --no-install-recommends python3
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /etc/apt/apt.conf.d/zz-mendbox
fi

mkdir -p "$packages" /opt/mendbox /box
cp -r "$context/site/." "$packages/"
cp -r "$context/guest" /opt/mendbox/guest
mv "$packages/bin/ruff" /usr/local/bin/ruff
rmdir "$packages/bin"
ln -sf /usr/bin/python3 /usr/local/bin/python

grep -q '^box:' /etc/passwd || echo 'box:x:1000:1000::/box:/usr/sbin/nologin' >> /etc/passwd
grep -q '^box:' /etc/group || echo 'box:x:1000:' >> /etc/group

# Unchecked: a box never compares a source's time with its bytecode's, and the tree is read-only.
/usr/bin/python3.13 -m compileall -q --invalidation-mode unchecked-hash "$packages" /opt/mendbox
# The same bytecode once more under a prefix of its own: whoever is told to look only there (PYTHONPYCACHEPREFIX) has
# that of the image, and never one that stands in a work folder.
find /usr/lib/python3.13 "$packages" -name '*.cpython-313.pyc' | while read -r compiled; do
    folder="/opt/mendbox/pyc${compiled%/__pycache__/*}"
    mkdir -p "$folder"
    ln -s "$compiled" "$folder/${compiled##*/}"
done
/usr/bin/python3.13 -I -c 'import coverage, hypothesis, pytest'
/usr/local/bin/ruff --version

rm -rf "$context"
chmod -R go-w /opt/mendbox /usr/local
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
