# Sourced by the other scripts: virtual environments and system packages.

unset PYTHONDONTWRITEBYTECODE  # Else each process compiles anew whatever it imports.

# make_environment FOLDER REQUIREMENT: a virtual environment with this project in it (editable, so that
# it is never behind the source), made anew only when what it is made from has changed. Nothing is compiled to
# byte code ahead: Python does it for what it imports, a small part of 12,000 files.
make_environment() {
  local folder=$1 requirement=$2 python stamp
  python=$(find_python)
  stamp=$("$python" -c 'import hashlib, pathlib, sys
files = [pathlib.Path(name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
print(hashlib.sha256(b"".join([repr(sys.argv + [sys.version]).encode(), *files])).hexdigest())' "$PWD" "$requirement")
  if [ "$(cat "$folder/made-from" 2>/dev/null)" = "$stamp" ]; then
    return
  fi
  echo "Making $folder ..." >&2
  rm -rf "$folder"
  "$python" -m venv "$folder" || { rm -rf "$folder"; install_packages python3-venv && "$python" -m venv "$folder"; }
  # Older pips cannot resolve our requirements: 23.2, which comes with Python 3.11, crashes on them.
  "$folder/bin/python" -m pip install --quiet --upgrade pip
  install_small_torch "$folder/bin/python"
  "$folder/bin/python" -m pip install --quiet --no-compile --constraint constraints.txt --editable "$requirement"
  echo "$stamp" > "$folder/made-from"
}

# install_small_torch PYTHON: on Linux without a GPU, the build of torch for processors. The one on PyPI is for
# CUDA and brings 2 GB of its libraries. Where PyTorch's own index cannot be reached, pip takes what it finds.
install_small_torch() {
  if [ "$(uname -s)" = Linux ] && ! nvidia-smi >/dev/null 2>&1; then
    "$1" -m pip install --quiet --no-compile --no-deps --retries 1 --timeout 15 --constraint constraints.txt \
      --index-url https://download.pytorch.org/whl/cpu torch ||
      echo "PyTorch's index cannot be reached: if torch comes for CUDA, it takes 3 GB more." >&2
  fi
}

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "Inkcast needs Python 3.11 or newer; on Debian: apt-get install python3 python3-venv" >&2
  return 1
}

# install_packages NAME...: with apt, where we may; fails elsewhere.
install_packages() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  command -v apt-get >/dev/null && ${as_root[@]+"${as_root[@]}"} true 2>/dev/null || return 1
  ${as_root[@]+"${as_root[@]}"} apt-get update -qq
  DEBIAN_FRONTEND=noninteractive ${as_root[@]+"${as_root[@]}"} apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
