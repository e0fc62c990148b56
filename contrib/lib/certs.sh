# shellcheck shell=bash disable=SC2154
# A private certificate authority (EC P-256) and certificates for the broker, the daemon and each locker.
# Needs common.sh. Certificates stand in $folder/certs, keys in $folder/secrets.

ssl() { openssl "$@" >>"$folder/log/openssl.log" 2>&1 || die "openssl 失败" "openssl failed" "$folder/log/openssl.log"; }

make_authority() {
    mkdir -p "$folder/certs"
    [ -s "$folder/certs/ca.pem" ] && return
    (
        umask 077
        ssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=yizhan private CA" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
            -keyout "$folder/secrets/ca.key" -out "$folder/certs/ca.pem"
    )
    chmod 644 "$folder/certs/ca.pem"
}

# certificate NAME server|client: CN is NAME; a server answers to localhost and 127.0.0.1.
certificate() {
    local name=$1 use=$2 req=$folder/secrets/$1.csr
    [ -s "$folder/certs/$name.pem" ] && return
    (
        umask 077
        ssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
            -keyout "$folder/secrets/$name.key" -out "$req"
    )
    printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n%s' "${use}Auth" \
        "$([ "$use" = client ] || echo 'subjectAltName=DNS:localhost,IP:127.0.0.1')" >"$req.ext"
    ssl x509 -req -in "$req" -CA "$folder/certs/ca.pem" -CAkey "$folder/secrets/ca.key" -days 3650 \
        -set_serial "0x$(random_hex 15)" -extfile "$req.ext" -out "$folder/certs/$name.pem"
    rm -f "$req" "$req.ext"
}
