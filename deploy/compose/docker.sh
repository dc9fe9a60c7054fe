# Read by the scripts beside it: says what is wrong with Docker here, if anything is.
# shellcheck shell=sh

if ! command -v docker >/dev/null 2>&1; then
    echo "Docker is not installed. Install it (docs.docker.com/get-docker), or do without: make demo" >&2
    exit 1
fi
if ! docker compose version >/dev/null 2>&1; then
    echo "Docker has no Compose plugin. Install it (package docker-compose-plugin), or do without: make demo" >&2
    exit 1
fi
if ! said=$(docker info --format '{{.ServerVersion}}' 2>&1); then
    case $said in
        *"permission denied"*) echo "You may not talk to the Docker engine. Join its group: sudo usermod -aG docker $(id -un), then log in again." >&2 ;;
        *) echo "The Docker engine does not answer. Start it (Docker Desktop, or sudo systemctl start docker), then try again." >&2 ;;
    esac
    exit 1
fi
