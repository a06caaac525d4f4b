"""Reads what counted and what did not, as a BI system does, and sums it up.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python consumidor.py --brokers localhost:19092 --registry http://localhost:18081/apis/ccompat/v7

Without --seguir it reads from the beginning to where the topics end now, and writes the sums as JSON. With it, it reads
on as a member of --grupo, a line for each interaction, and goes on where it stopped when it is started again.
"""

import argparse
import json
import sys
from collections import Counter

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPICOS = ["interacoes-contabilizadas", "interacoes-nao-contabilizadas"]


def consumidor(brokers, grupo):
    return Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": grupo,
            # Without it there would also be what transactions took back, which the line then wrote once more.
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            # Told by hand, once a record has been dealt with.
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )


def mensagens(kafka, ate_o_fim):
    """The messages as they come; up to the ends of the partitions assigned, where that is asked for."""
    faltam = set()
    if ate_o_fim:
        faltam = {(t, p) for t in TOPICOS for p in kafka.list_topics(t, timeout=10).topics[t].partitions}
        kafka.assign([TopicPartition(t, p, OFFSET_BEGINNING) for t, p in faltam])
    else:
        kafka.subscribe(TOPICOS)
    while faltam or not ate_o_fim:
        mensagem = kafka.poll(1.0)
        if mensagem is None:
            continue
        erro = mensagem.error()
        if erro is None:
            yield mensagem
        elif erro.code() == KafkaError._PARTITION_EOF:
            faltam.discard((mensagem.topic(), mensagem.partition()))
        else:
            raise KafkaException(erro)


def decisoes(kafka, registro, ate_o_fim):
    """Each decision with its message: the schema is the one that the record was written with."""
    decodifica = AvroDeserializer(registro)
    for mensagem in mensagens(kafka, ate_o_fim):
        contexto = SerializationContext(mensagem.topic(), MessageField.VALUE)
        yield mensagem, decodifica(mensagem.value(), contexto)


def foi_redecidida(mensagem):
    """Whether it is there because a rulebook was applied to the past, and not because it came."""
    return any(nome == "atendido-redecidida" for nome, _ in mensagem.headers() or [])


def resume(lidas):
    topicos, motivos, fontes, redecididas = Counter(), Counter(), Counter(), 0
    for mensagem, valor in lidas:
        topicos[mensagem.topic()] += 1
        motivos[valor["decisao"]["motivo"]] += 1
        fontes[valor["interacao"]["source"]] += 1
        redecididas += foi_redecidida(mensagem)
    return {
        "porTopico": topicos,
        "porMotivo": dict(motivos.most_common()),
        "porFonte": fontes,
        "redecididas": redecididas,
    }


def segue(kafka, lidas):
    for mensagem, valor in lidas:
        interacao, decisao = valor["interacao"], valor["decisao"]
        linha = {
            "source": interacao["source"],
            "id": interacao["id"],
            "quando": interacao["time"].isoformat(),
            "unidade": interacao["unidade"],
            "tipoSolucao": interacao["tipoSolucao"],
            "contabiliza": decisao["contabiliza"],
            "motivo": decisao["motivo"],
            "creditos": decisao["creditos"],
            "chave": decisao["chave"],
            "apuracao": decisao["apuracao"],
            "redecidida": foi_redecidida(mensagem),
        }
        print(json.dumps(linha, ensure_ascii=False), flush=True)
        kafka.commit(mensagem, asynchronous=True)


def main():
    opcoes = argparse.ArgumentParser(description="Lê as interações classificadas (read_committed) e as resume.")
    opcoes.add_argument("--brokers", required=True, help="host:porta, com vírgulas")
    opcoes.add_argument("--registry", required=True, help="a base da API Confluent do registro de esquemas")
    opcoes.add_argument("--grupo", default="bi-exemplo", help="o grupo, com --seguir (padrão: bi-exemplo)")
    opcoes.add_argument("--seguir", action="store_true", help="segue lendo, uma linha por interação")
    pedido = opcoes.parse_args()
    kafka = consumidor(pedido.brokers, pedido.grupo)
    try:
        lidas = decisoes(kafka, SchemaRegistryClient({"url": pedido.registry}), ate_o_fim=not pedido.seguir)
        if pedido.seguir:
            segue(kafka, lidas)
        else:
            print(json.dumps(resume(lidas), ensure_ascii=False, indent=1))
    except KeyboardInterrupt:
        return 130
    finally:
        kafka.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
