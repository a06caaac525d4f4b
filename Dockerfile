# Plain enough for the classic builder too.
# One image for every service and for the command; which one it is, its first argument says (infra/container/entrada.sh).
ARG NODE_IMAGE=node:24.21.0-trixie-slim
ARG BASE_IMAGE=debian:trixie-slim

FROM ${NODE_IMAGE} AS dependencias
WORKDIR /atendido
COPY package.json package-lock.json ./
# Without scripts: the npm package `node` fetches a second Node in its own, and nothing else of production needs one.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node node_modules/.cache

FROM ${BASE_IMAGE}
# Only Node itself: no npm, no compiler.
COPY --from=dependencias /usr/local/bin/node /usr/local/bin/node
COPY --from=dependencias /atendido/node_modules /atendido/node_modules
COPY . /atendido
RUN useradd --system --uid 10001 --user-group --home-dir /dados --shell /usr/sbin/nologin atendido \
  && mkdir /dados && chown atendido:atendido /dados
# HOST: what is published is the container's address, not its loopback.
ENV ATENDIDO_HOME=/dados HOST=0.0.0.0 PORT=8080 ATENDIDO_MODO=producao
WORKDIR /atendido
USER atendido
VOLUME /dados
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 \
  CMD ["node", "/atendido/infra/container/saude.ts"]
ENTRYPOINT ["/atendido/infra/container/entrada.sh"]
CMD ["--help"]
