#!/bin/sh
# Runs once, as root, inside the build, after `prepare.sh` and `prepare-stores.sh`.
set -eu

# What a command line names. Whatever else a package brings is in /node_modules/.bin, where `npm run` looks too.
for program in tsc vue-tsc vitest vite eslint npm npx; do
    ln -s "/node_modules/.bin/$program" "/usr/local/bin/$program"
done

# Where vite and vitest put a configuration in TypeScript while they read it. A package's name in it is looked up from
# there as well.
mkdir /node_modules
ln -s /tmp /node_modules/.vite-temp

# Drivers of graphics cards, and what checks their use: pages are drawn by the processor.
rm -f /usr/lib/*/libLLVM*.so* /usr/lib/*/libgallium*.so* /usr/lib/*/libz3.so* /usr/lib/chromium/libVkLayer_*
rm -rf /usr/lib/*/dri /usr/lib/*/gbm

# Nobody in a box can read it, nor the program of Node.js, so what runs of them is not dumpable: code of the same user can
# neither look into the memory of a browser that judges it, nor take what it has open.
chmod 0711 /usr/lib/chromium/chromium-headless-shell

test -n "$(find /usr/share/fonts -name '*.ttf' -print -quit)"
