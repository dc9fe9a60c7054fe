#!/bin/sh
# Makes the secrets that are missing in a folder, keeps those that are there, and names on stdout what it made.
# usage: secrets.sh FOLDER
set -eu
folder=$1

# 24 random bytes, written so that they need no quoting anywhere.
random() { od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Whole or not at all: a run that is interrupted leaves no half secret.
keep() {
    if [ -f "$folder/$1" ] && [ -s "$folder/$1" ]; then return; fi
    # Docker makes a folder of a file that is missing when it starts a container.
    if [ -d "$folder/$1" ]; then rmdir "$folder/$1"; fi
    printf '%s\n' "$2" >"$folder/.draft"
    chmod 644 "$folder/.draft"
    : >"$folder/.new" # until they are in use: whoever starts the containers removes it
    mv "$folder/.draft" "$folder/$1"
    echo "$1"
}

# The folder is closed to others, and that keeps them out. The files are open: containers run as users of their own,
# to whom the system's permissions apply, and each is handed only its own files.
mkdir -p "$folder"
chmod 700 "$folder"

keep postgres_password "$(random)"
for name in profiles matching events notify; do
    keep "${name}_dsn" "postgresql://$name:$(random)@postgres:5432/$name"
done
