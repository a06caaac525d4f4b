#!/bin/sh
# The first argument says what the container is: a service, the preparation, or a command of `atendido`.
# A variable NAME_FILE gives NAME from a file, which is how orchestrators hand over secrets.
set -eu

for name in CLIENT_ID_KEY ATENDIDO_CHAVE_OPERACAO KAFKA_SASL_USERNAME KAFKA_SASL_PASSWORD REDIS_URL; do
  eval "file=\${${name}_FILE:-}"
  [ -n "$file" ] || continue
  eval "given=\${$name:-}"
  if [ -n "$given" ]; then
    echo "SEGREDO_REPETIDO: defina $name ou ${name}_FILE, não as duas" >&2
    exit 1
  fi
  if [ ! -r "$file" ]; then
    echo "SEGREDO_ILEGIVEL: o arquivo de ${name}_FILE não pode ser lido: $file" >&2
    exit 1
  fi
  export "$name=$(cat "$file")"
  unset "${name}_FILE"
done

node="node --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning"
case ${1:-} in
  ingest | classifier | consolidator | aggregator | api) exec $node "/atendido/services/$1/main.ts" ;;
  preparacao) exec $node /atendido/infra/local/prepare-job.ts ;;
  *) exec $node /atendido/services/cli/main.ts "$@" ;;
esac
