#!/bin/sh
# Builds the stand-ins (see README.md) and says by which variables they are chosen. Again: only what changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
home=${ATENDIDO_HOME:-$root/.atendido}
work=$home/imagens
prefix=atendido-substituto
mkdir -p "$work"

need() { command -v "$1" >/dev/null || { echo "falta $1: apt-get install $2" >&2; exit 1; }; }
need docker docker.io
need debootstrap debootstrap
need mvn maven
docker info >/dev/null 2>&1 || { echo "o Docker não responde: inicie dockerd" >&2; exit 1; }
say() { echo "  $1" >&2; }

if ! docker image inspect $prefix/debian:trixie >/dev/null 2>&1; then
  say "debian…"
  # The mirror this machine itself uses.
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb .*\(http[^ ]*\).*/\1/p' | head -1)
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  debootstrap --variant=minbase --include=ca-certificates trixie "$tree" "$mirror" >"$work/debootstrap.log" 2>&1
  rm -rf "$tree"/var/cache/apt/archives/*.deb
  tar -C "$tree" -c . | docker import - $prefix/debian:trixie >/dev/null
fi

# The programs: Kafka and Redis as the local stack has them, and Apicurio 3 (the local stack keeps 2.6, for Java 17).
if [ ! -f "$work/registro/carimbo" ] || ! cmp -s "$here/pom.xml" "$work/registro/carimbo"; then
  say "registro: baixando…"
  rm -rf "$work/registro"
  mvn -q -B -f "$here/pom.xml" "-Ddestino=$work/registro" package
  cp "$here/pom.xml" "$work/registro/carimbo"
fi
if [ ! -x "$root/node_modules/node/bin/node" ]; then
  echo "rode npm ci antes" >&2
  exit 1
fi

build() { # name, context files put in by the caller
  say "$1…"
  # The classic builder: buildx is not in Debian's package.
  DOCKER_BUILDKIT=0 docker build -q --network host --build-arg PREFIX=$prefix -t "$prefix/$1:local" "$work/contexto-$1" >/dev/null 2>"$work/$1.log" ||
    { cat "$work/$1.log" >&2; exit 1; }
}
context() {
  rm -rf "$work/contexto-$1"
  mkdir -p "$work/contexto-$1"
  cp -r "$here/$1/." "$work/contexto-$1/"
}

context node
cp -L "$root/node_modules/node/bin/node" "$work/contexto-node/node"
(cd "$work/contexto-node" && npm pack --silent npm@11 >/dev/null)
cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$work/contexto-node/ca.crt"
build node
context java && build java
context kafka
cp -rL "$home/servidores/kafka" "$work/contexto-kafka/libs"
build kafka
context redis && build redis
context registro
cp -r "$work/registro/." "$work/contexto-registro/programa"
build registro
context prometheus && build prometheus

cat >"$home/imagens.env" <<FIM
NODE_IMAGE=$prefix/node:local
BASE_IMAGE=$prefix/debian:trixie
KAFKA_IMAGE=$prefix/kafka:local
REDIS_IMAGE=$prefix/redis:local
REGISTRY_IMAGE=$prefix/registro:local
PROMETHEUS_IMAGE=$prefix/prometheus:local
BUILD_NETWORK=host
COMPOSE_PROFILES=tudo
COMPOSE_PROJECT_NAME=atendido
FIM
say "prontas: $home/imagens.env"
