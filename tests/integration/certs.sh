#!/bin/sh
# Throw-away certificates for tests: certs.sh DIR [CLIENT…] makes DIR/ca.pem, DIR/server.{pem,key} for localhost and
# 127.0.0.1, and DIR/CLIENT.{pem,key} for each client, whose common name is CLIENT.
set -eu
dir=$1
shift
mkdir -p "$dir"

issue() { # name, extension
    openssl req -quiet -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
        -keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null ||
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
            -keyout "$dir/$1.key" -out "$dir/$1.csr" 2>/dev/null
    echo "$2" >"$dir/$1.ext"
    openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 3650 \
        -extfile "$dir/$1.ext" -out "$dir/$1.pem" 2>/dev/null
    rm -f "$dir/$1.csr" "$dir/$1.ext"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=test CA" \
    -addext basicConstraints=critical,CA:TRUE -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
issue server "subjectAltName=DNS:localhost,IP:127.0.0.1"
for client in "$@"; do
    issue "$client" "extendedKeyUsage=clientAuth"
done
chmod 600 "$dir"/*.key
