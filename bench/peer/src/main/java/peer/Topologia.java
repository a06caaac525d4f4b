package peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import peer.avro.Classificada;
import peer.avro.Interacao;
import peer.avro.Lancamento;
import peer.avro.TipoCliente;

final class Topologia {
    static final String BRUTAS = "peer-interacoes";
    static final String SIM = "peer-contabilizadas";
    static final String NAO = "peer-nao-contabilizadas";
    static final String LEDGER = "lancamentos"; // becomes <application.id>-lancamentos-repartition
    static final int PARTICOES = 4;

    static final Serde<Interacao> INTERACAO = AvroSerde.de(Interacao.class, 1);
    static final Serde<Classificada> CLASSIFICADA = AvroSerde.de(Classificada.class, 2);
    static final Serde<Lancamento> LANCAMENTO = AvroSerde.de(Lancamento.class, 3);

    private Topologia() {}

    /** @param completa false: only the classifier */
    static Topology montar(Medidas medidas, boolean completa) {
        StreamsBuilder b = new StreamsBuilder();
        Map<String, KStream<String, Classificada>> ramos = b
            .stream(BRUTAS, Consumed.with(Serdes.String(), INTERACAO))
            .mapValues(i -> {
                medidas.brutoLido();
                return Regras.classificar(i);
            })
            .split(Named.as("classe-"))
            .branch((k, c) -> c.getContabiliza(), Branched.as("sim"))
            .defaultBranch(Branched.as("nao"));
        ramos.get("classe-sim").to(SIM, Produced.with(Serdes.String(), CLASSIFICADA));
        ramos.get("classe-nao").to(NAO, Produced.with(Serdes.String(), CLASSIFICADA));
        if (completa) {
            ramos.get("classe-sim")
                .flatMap((k, c) -> {
                    List<KeyValue<String, Lancamento>> l = lancamentos(c.getInteracao());
                    medidas.contadaLida(l.size());
                    return l;
                })
                .repartition(Repartitioned.with(Serdes.String(), LANCAMENTO).withName(LEDGER).withNumberOfPartitions(PARTICOES))
                .process(Agregador.fornecedor(medidas));
        }
        return b.build();
    }

    private static List<KeyValue<String, Lancamento>> lancamentos(Interacao i) {
        List<KeyValue<String, Lancamento>> l = new ArrayList<>(2);
        l.add(KeyValue.pair(i.getClientePf(), lancamento(TipoCliente.PF, i)));
        if (i.getClientePj() != null) l.add(KeyValue.pair(i.getClientePj(), lancamento(TipoCliente.PJ, i)));
        return l;
    }

    private static Lancamento lancamento(TipoCliente tipo, Interacao i) {
        return new Lancamento(tipo, i.getId(), i.getTipoSolucao(), i.getUf(), i.getOcorridoEm(), i.getSolucaoId(), i.getDisponibilizacaoId());
    }
}
