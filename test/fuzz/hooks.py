"""What schemathesis is told beside the OpenAPI document: how NDJSON is written, which key sends as which source, and
where every call is recorded, for the events called accepted to be looked for in Kafka."""

import copy
import hashlib
import json
import os
import threading
from urllib.parse import unquote

import schemathesis

SOURCE = os.environ["ATENDIDO_FUZZ_SOURCE"]
CALLS = open(os.environ["ATENDIDO_FUZZ_CALLS"], "a", encoding="utf-8")
LOCK = threading.Lock()
EVENT = {
    "specversion": "1.0",
    "source": SOURCE,
    "type": "br.com.sebrae.interacao.atendimento",
    "time": "2026-03-02T10:15:00-03:00",
    "data": {"unidade": "SP", "tipoSolucao": "orientacao-tecnica", "cliente": {"pf": {"cpf": "52998224725"}}},
}


def draw(value):
    """A number that depends on the value alone, so that a failure comes again with its seed."""
    text = json.dumps(value, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:4], "big")


def closer(event):
    """Of three events one as it was made, one of our source, one of our source and with data that the door takes."""
    kind = draw(event) % 3
    if kind == 0 or not isinstance(event, dict):
        return event
    event = {**event, "source": SOURCE}
    if kind == 2:
        event = {**event, **copy.deepcopy(EVENT)}
    return event


def line(text, number):
    """A line of NDJSON: as it was made, an event of the id made, or one cut short."""
    kind = draw([text, number]) % 4
    if kind == 0:
        return text
    written = json.dumps({**EVENT, "id": f"{text[:100]}-{number}"})
    return written[: len(written) // 2] if kind == 1 else written


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, str):
        return "\n".join(line(body, number) for number in range(draw(body) % 40))
    if isinstance(body, list):
        return [closer(event) for event in body]
    return closer(body) if isinstance(body, dict) and "specversion" in body else body


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    if isinstance(value, bytes):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    """
    Schemathesis calls with the ids that it has read in answers: from the list of keys also that of its own key, which
    it would replace, change the secret of or revoke, and from then on be turned away by every call.
    """
    parameters = case.path_parameters or {}
    for name, value in parameters.items():
        if unquote(str(value)) == SOURCE:
            parameters[name] = f"{SOURCE}-{draw(case.method)}"


def accepted(body):
    items = body if isinstance(body, list) else [body]
    return [item["id"] for item in items if isinstance(item, dict) and item.get("estado") == "aceito"]


@schemathesis.hook
def after_call(context, case, response):
    ids = []
    if case.path == "/v1/eventos" and response.status_code in (202, 207):
        ids = accepted(json.loads(response.content))
    call = {"call": f"{case.method} {case.path}", "status": response.status_code, "accepted": ids}
    with LOCK:
        CALLS.write(json.dumps(call) + "\n")
        CALLS.flush()
