#!/bin/sh
# Runs once, as root, inside the build, before `prepare-node.sh`: leaves of PostgreSQL and Valkey what serves in a box, and a
# data folder to copy at each start, because making one takes seconds.
set -eu

stores=/opt/mendbox/stores
server=/usr/lib/postgresql/17
making=/tmp/making
mkdir -p "$stores"

# No header and no library: it stands on what the server has loaded.
tcc -shared -nostdlib -o "$stores/interlock.so" "$1/interlock.c"

as_box() {
    setpriv --reuid 1000 --regid 1000 --clear-groups env -i PATH=/usr/bin:/bin LD_PRELOAD="$stores/interlock.so" "$@"
}
mkdir -m 0700 "$making"
chown 1000:1000 "$making"
as_box "$server/bin/initdb" -D "$making/data" --username=postgres --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256 --wal-segsize=1 --no-sync --no-instructions
# As a cloud's service has it: who signs in owns the database and is not the superuser.
printf '%s\n' "CREATE ROLE app LOGIN PASSWORD 'app'" 'ALTER DATABASE postgres RENAME TO app' 'ALTER DATABASE app OWNER TO app' |
    as_box "$server/bin/postgres" --single -c exit_on_error=on -D "$making/data" template1
cp -r "$making/data" "$stores/postgresql"
chown -R 0:0 "$stores"
chmod -R u=rwX,go=rX "$stores"
rm -rf "$making"

# What packages of these names have laid out; a name is a pattern where it bears a version.
leave_out() {
    for package in "$@"; do
        cat /var/lib/dpkg/info/$package.list
    done > /tmp/left-out
    while read -r path; do
        if [ -f "$path" ] || [ -L "$path" ]; then rm -f "$path"; fi
    done < /tmp/left-out
    rm -f /tmp/left-out
}
# Its server is a link to the program that checks its files.
mv /usr/bin/valkey-check-rdb /tmp/valkey-server
leave_out tcc 'postgresql-client*' 'postgresql-common*' valkey-tools perl 'perl-modules*' 'libperl5*' '*-perl' locales libc-l10n \
    openssl ssl-cert adduser passwd procps ucf sensible-utils
mv -f /tmp/valkey-server /usr/bin/valkey-server
find "$server/bin" -type f ! -name postgres -delete
rm -rf "$server"/lib/bitcode "$server"/lib/llvmjit* "$server"/lib/pgxs /var/lib/postgresql /etc/postgresql* /etc/valkey /var/lib/valkey
