#!/bin/sh
# The first argument says what the container is: a service, the preparation, or a command of `atendido`.
set -eu
# What sees CPFs does not leave its memory on the disk when it falls.
ulimit -c 0

node="node --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning"
# As the local stack's services (infra/local/paths.ts).
heap="--max-semi-space-size=16 --heap-growing-percent=100 --no-allocation-site-pretenuring"
malloc="MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=262144"
case ${1:-} in
  ingest | classifier | consolidator | aggregator | api) exec env $malloc $node $heap "/atendido/services/$1/main.ts" ;;
  preparacao) exec $node /atendido/infra/local/prepare-job.ts ;;
  permissoes) exec $node /atendido/infra/kafka/acls-job.ts ;;
  copia) exec $node /atendido/infra/kafka/copy-job.ts ;;
  *) exec $node /atendido/services/cli/main.ts "$@" ;;
esac
