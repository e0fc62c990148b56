# shellcheck shell=bash disable=SC2154
# Debian packages: what is missing, and getting it. Needs common.sh.

node_is_good() {
    command -v node >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 18 ? 1 : 0)'
}

# wanted: the packages of packages.txt, without nodejs and npm where good ones stand in PATH already.
wanted() {
    sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$top/contrib/packages.txt" | while read -r p; do
        case $p in
        nodejs) ! node_is_good || continue ;;
        npm) ! command -v npm >/dev/null || continue ;;
        esac
        echo "$p"
    done
}

missing() {
    local p
    for p in $(wanted); do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || echo "$p"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=300 "$@" >>"$folder/log/apt.log" 2>&1
}

install_packages() {
    local list
    { command -v dpkg-query && command -v apt-get; } >/dev/null || die \
        "本脚本只会在 Debian 或其衍生系统上安装软件包;请按 contrib/packages.txt 自行安装" \
        "packages can be installed on Debian and its relatives only; contrib/packages.txt lists what is needed"
    list=$(missing)
    if [ -z "$list" ]; then
        say "软件包齐全" "all packages are there"
        return
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "缺少软件包,且没有 sudo。请以 root 运行:apt-get install $(echo $list)" \
            "packages are missing and there is no sudo. As root, run: apt-get install $(echo $list)"
        sudo -n true 2>/dev/null || say "安装软件包需要 sudo 密码" "sudo asks for your password to install packages"
    fi
    say "安装软件包:$(echo "$list" | wc -l) 个" "installing $(echo "$list" | wc -l) packages: $(echo $list)"
    apt update || say "apt-get update 失败,继续尝试" "apt-get update failed; trying with what is known"
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $list ||
        die "安装软件包失败" "the packages could not be installed" "$folder/log/apt.log"
    node_is_good || die "需要 Node.js 18 或更高版本" "Node.js 18 or later is needed"
}
