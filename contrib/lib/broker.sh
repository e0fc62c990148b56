# shellcheck shell=bash disable=SC2154
# A private mosquitto: TLS with client certificates, and who may say what by the certificate's name.
# Needs common.sh and certs.sh.

broker_configure() {
    mkdir -p "$folder/broker"
    cp "$top/contrib/mosquitto/yizhan.acl" "$folder/broker/acl"
    chmod 600 "$folder/broker/acl"
    cat >"$folder/broker/mosquitto.conf" <<END
per_listener_settings false
listener $1 127.0.0.1
cafile $folder/certs/ca.pem
certfile $folder/certs/broker.pem
keyfile $folder/secrets/broker.key
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file $folder/broker/acl
set_tcp_nodelay true
max_queued_messages 100000
max_queued_bytes 0
max_inflight_messages 1000
max_packet_size 1048576
persistence true
persistence_location $folder/broker/
autosave_interval 30
user $(id -un)
log_dest stderr
log_type error
log_type warning
log_type notice
END
}

broker_is_up() { ! port_is_free "$1"; }

# broker_start PORT
broker_start() {
    local program
    program=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mosquitto) || die "没有找到 mosquitto" "mosquitto is missing"
    certificate broker server
    certificate yizhand client
    broker_configure "$1"
    start broker "$program" -c "$folder/broker/mosquitto.conf"
    wait_until 10 broker_is_up "$1" || die "MQTT 服务器不能启动" "mosquitto does not start" "$folder/log/broker.log"
}
