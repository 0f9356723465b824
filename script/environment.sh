# Sourced by script/server and script/test, in the project's folder: makes .venv, once.
# With uv when it can be had, which takes seconds; else with plain pip.

UV_VERSION=0.13.9
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-30}"

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name found=""
    for name in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        if recent_enough "$name"; then
            python="$name"
            return
        fi
        [ -z "${PYTHON:-}" ] || give_up "PYTHON=$PYTHON is not Python 3.11 or newer."
        [ -n "$found" ] || found="$("$name" -c 'import platform; print(platform.python_version())' 2>/dev/null || true)"
    done
    if [ -n "$found" ]; then give_up "Python 3.11 or newer is needed; found only $found."; fi
    give_up "Python 3.11 or newer is needed; found none."
}

# Run a command; say what it is for once it takes longer than a second, and its last words when it fails.
step() {
    local doing="$1" began=$SECONDS waited=0 log pid
    shift
    log="var/log/setup.log"
    printf '\n== %s\n' "$doing" >>"$log"
    "$@" >>"$log" 2>&1 &
    pid=$!
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        waited=$((waited + 1))
        [ "$waited" -ne 10 ] || say "$doing …"
        [ $((waited % 100)) -ne 0 ] || say "$doing … $((SECONDS - began)) s"
    done
    trap - INT TERM
    wait "$pid"
}

prepare_folders() {
    { mkdir -p var/log && touch var/log/setup.log && touch .writable && rm -f .writable; } 2>/dev/null ||
        give_up "The folder $PWD cannot be written to; put the program where you may write."
    # No home, or one that cannot be written to: keep downloads here.
    local cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}"
    if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
        export UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/var/cache/uv}" PIP_CACHE_DIR="${PIP_CACHE_DIR:-$PWD/var/cache/pip}"
    fi
}

# Sets `installer` to a pip that installs into .venv, wherever a pip can be found.
find_pip() {
    local wheel
    if .venv/bin/python -m ensurepip --default-pip >>var/log/setup.log 2>&1; then
        installer=(.venv/bin/python -m pip)
        return
    fi
    if "$python" -m pip --version >/dev/null 2>&1; then
        installer=("$python" -m pip --python .venv/bin/python)
        return
    fi
    for wheel in /usr/share/python-wheels/pip-*.whl; do
        if [ -e "$wheel" ]; then
            installer=(.venv/bin/python "$wheel/pip")
            return
        fi
    done
    if pip3 --version >/dev/null 2>&1; then
        installer=(pip3 --python .venv/bin/python)
        return
    fi
    step "Fetching pip" .venv/bin/python script/fetch_pip.py ||
        give_up "This Python has no pip and none could be fetched; install python3-pip, python3-venv or uv."
    installer=(.venv/bin/python -m pip)
}

install_with_uv() {
    local uv
    if command -v uv >/dev/null 2>&1; then
        uv=uv
    else
        find_pip
        step "Installing uv" "${installer[@]}" install --quiet "uv==$UV_VERSION" || return 1
        uv=.venv/bin/uv
    fi
    if [ -n "${PIP_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"; fi
    step "Installing packages" "$uv" pip install --python .venv/bin/python -r "$1" && return
    # uv brings its own list of authorities; where a house has its own, the machine's list knows it.
    tail -n 8 var/log/setup.log | grep -q certificate || return 1
    step "Installing packages" "$uv" pip install --system-certs --python .venv/bin/python -r "$1"
}

install_with_pip() {
    say "uv is not available here; installing with pip, which takes longer."
    [ "${#installer[@]}" -gt 0 ] || find_pip
    step "Installing packages with pip" "${installer[@]}" install -r "$1"
}

# make_environment FILE: an environment in .venv with everything FILE names. Takes no time when nothing changed.
make_environment() {
    local wanted made=".venv/made-from-$1" version
    installer=()
    prepare_folders
    if [ -z "${PYTHON:-}" ] && recent_enough .venv/bin/python; then
        python=.venv/bin/python
    else
        find_python
    fi
    version="$("$python" -c 'import sys; print(sys.version, sys.platform)')"
    wanted="$(printf '%s\n' "$version" "$PWD" | cat - requirements.txt "$1" | cksum)"
    if [ -x .venv/bin/python ] && [ "$(cat "$made" 2>/dev/null)" = "$wanted" ]; then return; fi
    # Test requirements contain the program's own.
    if [ "$1" = requirements.txt ] && [ -x .venv/bin/python ] &&
        [ "$(cat .venv/made-from-requirements-dev.txt 2>/dev/null)" = \
            "$(printf '%s\n' "$version" "$PWD" | cat - requirements.txt requirements-dev.txt | cksum)" ]; then return; fi

    say "Setting up with $("$python" -c 'import platform; print("Python", platform.python_version())') (details: var/log/setup.log)"
    if [ "$python" != .venv/bin/python ]; then
        step "Making .venv" "$python" -m venv --clear --without-pip .venv || {
            tail -n 5 var/log/setup.log >&2
            give_up "No environment could be made with $python."
        }
    fi
    install_with_uv "$1" || install_with_pip "$1" || {
        tail -n 15 var/log/setup.log >&2
        give_up "The packages could not be installed; the lines above say why."
    }
    printf '%s\n' "$wanted" >"$made"
}
