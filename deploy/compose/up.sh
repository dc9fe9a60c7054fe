#!/bin/sh
# `make up`: secrets, image, containers, and where to look. PORT, KAFKA_PORT, POSTGRES_PORT and SECRETS_DIR, OPERATOR and MANAGER may be set.
set -eu
cd "$(dirname "$0")/../.."
. deploy/compose/docker.sh

SECRETS_DIR=${SECRETS_DIR:-.secrets}
CADDYFILE_SUM=$(cksum <deploy/compose/Caddyfile)
export SECRETS_DIR CADDYFILE_SUM

for port in "PORT=${PORT:=8080}" "KAFKA_PORT=${KAFKA_PORT:=9094}" "POSTGRES_PORT=${POSTGRES_PORT:=5433}"; do
    case ${port#*=} in
        *[!0-9]* | ??????*) number=0 ;;
        *) number=${port#*=} ;;
    esac
    if [ "$number" -lt 1 ] || [ "$number" -gt 65535 ]; then
        echo "$port is no port. Choose a number from 1 to 65535." >&2
        exit 2
    fi
done

if ! docker image inspect innovationsmotor:local >/dev/null 2>&1; then
    echo "Building the image. The first time it fetches packages, which takes a minute or more."
fi
if ! said=$(docker compose build --quiet 2>&1); then
    printf '%s\n' "$said" | tail -n 20 >&2
    echo "The image could not be built. If that is the network, try again: what was done is kept." >&2
    exit 1
fi

# Whether each port is free, before anything starts or is replaced. The engine itself tries, since it may see other
# ports than we do here; one that our own containers hold is ours.
check_port() { # variable, value, service, port in its container
    if [ "$(docker compose port "$3" "$4" 2>/dev/null)" = "127.0.0.1:$2" ]; then return; fi
    if ! said=$(docker run --rm --publish "127.0.0.1:$2:1" --entrypoint true innovationsmotor:local 2>&1); then
        case $said in
            *"in use"* | *"already allocated"* | *"not available"*)
                echo "Port $2 on 127.0.0.1 is in use by another program." >&2
                echo "End that program, or choose another port: $1=$(($2 + 1)) make up" >&2 ;;
            *) printf '%s\n' "$said" >&2 ;;
        esac
        exit 1
    fi
}
check_port PORT "$PORT" gateway 8080
check_port KAFKA_PORT "$KAFKA_PORT" kafka 9094
check_port POSTGRES_PORT "$POSTGRES_PORT" postgres 5432

made=$(deploy/compose/secrets.sh "$SECRETS_DIR")
if [ -n "$made" ]; then
    echo "Made in $SECRETS_DIR: $(echo "$made" | tr '\n' ' ')"
fi
# A container that runs still sees the file that was there when it started, so a new secret takes new containers.
replace=
if [ -e "$SECRETS_DIR/.new" ]; then
    replace=--force-recreate
fi

echo "Starting. The first time it fetches Postgres, Kafka, Caddy and Mailpit."
# shellcheck disable=SC2086 # nothing or one word
if ! docker compose --progress quiet up --detach --wait --wait-timeout 300 --quiet-pull $replace; then
    echo >&2
    docker compose ps --all --format 'table {{.Service}}\t{{.Status}}' >&2
    # What the last check of a container said, for those that are not well.
    docker compose ps --quiet | while read -r id; do
        docker inspect --format '{{with .State.Health}}{{if ne .Status "healthy"}}{{$.Name}} {{.Status}}: {{range .Log}}
{{.Output}}{{end}}{{end}}{{end}}' "$id" | sed '/^ *$/d' | sed -n '1p;$p' >&2
    done
    echo "Not everything came up. What it said: make logs ARGS=NAME" >&2
    exit 1
fi
rm -f "$SECRETS_DIR/.new"

address=http://$(docker compose port gateway 8080)
# The first who may come in, if nobody may yet: they let in all others. Their addresses may be set as OPERATOR, MANAGER.
accounts() { docker compose exec -T profiles python -m services.profiles accounts "$@"; }
operator=${OPERATOR:-operator@innovationsmotor.example}
manager=${MANAGER:-manager@innovationsmotor.example}
accounts open "$operator" --role operator >/dev/null
accounts open "$manager" --role manager --cluster chemistry --cluster environment >/dev/null
echo
echo "Ready: $address"
echo "Sign in, each link once and within 15 minutes; another one comes by mail, or with the next make up:"
echo "  manager:  $(accounts link "$manager")"
echo "  operator: $(accounts link "$operator")"
echo "Mails: $address/mail/   Kafka: $(docker compose port kafka 9094)   Postgres: $(docker compose port postgres 5432)"
echo "make ps, make logs, make down"
