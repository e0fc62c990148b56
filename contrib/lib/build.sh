# shellcheck shell=bash disable=SC2154
# Building outside the source tree. Needs common.sh.

jobs() { nproc 2>/dev/null || echo 2; }

# A tree that was configured in place cannot also be built elsewhere: then a copy of its files is built.
source_tree() {
    if [ ! -f "$top/config.status" ]; then
        echo "$top"
        return
    fi
    mkdir -p "$folder/src"
    (cd "$top" && { git ls-files -z -co --exclude-standard 2>/dev/null || find . -path ./out -prune -o -type f -print0; } |
        tar --null --ignore-failed-read -T - -cf - 2>/dev/null) | tar -C "$folder/src" -xf -
    echo "$folder/src"
}

# build DIR [CONFIGURE OPTION…]: bootstraps, configures and makes; $build and $src are the build folder and its sources afterwards.
build() {
    local log=$folder/log/build.log
    build=$1
    shift
    src=$(source_tree)
    : >"$log"
    if [ ! -x "$src/configure" ] || [ "$src/configure.ac" -nt "$src/configure" ]; then
        say "生成 configure" "making configure"
        (cd "$src" && ./bootstrap) >>"$log" 2>&1 || die "bootstrap 失败" "bootstrap failed" "$log"
    fi
    mkdir -p "$build"
    if [ ! -f "$build/Makefile" ] || [ "$(cat "$build/.options" 2>/dev/null)" != "$src $*" ]; then
        say "配置" "configuring"
        (cd "$build" && "$src/configure" -q "$@") >>"$log" 2>&1 || die "configure 失败" "configure failed" "$log"
        echo "$src $*" >"$build/.options"
    fi
    say "编译" "compiling"
    make -s -C "$build" -j"$(jobs)" >>"$log" 2>&1 || die "编译失败" "the build failed" "$log"
    if [ ! -d "$build/web" ]; then
        [ ! -s "$build/web-npm.log" ] || log=$build/web-npm.log
        die "页面没有构建:npm 取不到所需的包" "the pages were not built: npm could not fetch their packages" "$log"
    fi
}
