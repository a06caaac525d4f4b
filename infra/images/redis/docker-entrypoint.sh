#!/bin/sh
# As the official one: arguments that begin with a dash, or name a .conf, are redis-server's.
set -eu
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
[ "${1:-}" = redis-server ] || exec "$@"
shift
# The official image listens to every address and asks for no password unless told to.
exec redis-server "$@" --protected-mode no
