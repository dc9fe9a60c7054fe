#!/bin/sh
# `make down`: stops the containers and keeps the data, unless RESET is set.
set -eu
cd "$(dirname "$0")/../.."
. deploy/compose/docker.sh

if [ -n "${RESET:-}" ]; then
    docker compose --progress quiet down --remove-orphans --volumes
    echo "Stopped, and the data is gone. The secrets stay in ${SECRETS_DIR:-.secrets}."
else
    docker compose --progress quiet down --remove-orphans
    echo "Stopped. The data is kept: make up goes on with it, make down RESET=1 deletes it."
fi
