package peer;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import peer.avro.Lancamento;
import peer.avro.TipoCliente;

/** Drops repeats of a business key, keeps the client's state and the global counters of this partition. */
final class Agregador implements Processor<String, Lancamento, Void, Void> {
    static final String CLIENTES = "clientes";
    static final String GLOBAIS = "globais";

    /** Counted entries of one (uf, tipoSolucao, month): by PF and by PJ. Partial per partition; readers add them up. */
    record Contagem(long pf, long pj) {
        static final Serde<Contagem> SERDE = Serdes.serdeFrom(
            (t, c) -> c == null ? null : java.nio.ByteBuffer.allocate(16).putLong(c.pf).putLong(c.pj).array(),
            (t, b) -> b == null ? null : new Contagem(java.nio.ByteBuffer.wrap(b).getLong(0), java.nio.ByteBuffer.wrap(b).getLong(8)));
    }

    static ProcessorSupplier<String, Lancamento, Void, Void> fornecedor(Medidas medidas) {
        return new ProcessorSupplier<>() {
            @Override
            public Processor<String, Lancamento, Void, Void> get() {
                return new Agregador(medidas);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return Set.of(
                    Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(CLIENTES), Serdes.String(), EstadoCliente.SERDE).withCachingEnabled(),
                    Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(GLOBAIS), Serdes.String(), Contagem.SERDE).withCachingEnabled());
            }
        };
    }

    private final Medidas medidas;
    private KeyValueStore<String, EstadoCliente> clientes;
    private KeyValueStore<String, Contagem> globais;

    private Agregador(Medidas medidas) {
        this.medidas = medidas;
    }

    @Override
    public void init(ProcessorContext<Void, Void> contexto) {
        clientes = contexto.getStateStore(CLIENTES);
        globais = contexto.getStateStore(GLOBAIS);
    }

    @Override
    public void process(Record<String, Lancamento> registro) {
        Lancamento l = registro.value();
        EstadoCliente e = clientes.get(registro.key());
        if (e == null) e = new EstadoCliente(l.getTipoCliente());
        if (e.contar(Texto.digital(chaveDeNegocio(l)), l.getTipoSolucao(), l.getOcorridoEm())) {
            clientes.put(registro.key(), e);
            String chave = l.getUf() + '|' + l.getTipoSolucao() + '|' + mes(l.getOcorridoEm());
            Contagem c = globais.get(chave);
            boolean pf = l.getTipoCliente() == TipoCliente.PF;
            globais.put(chave, new Contagem((c == null ? 0 : c.pf) + (pf ? 1 : 0), (c == null ? 0 : c.pj) + (pf ? 0 : 1)));
        }
        medidas.lancamentoAplicado();
    }

    /** The client is the record's key, so it is not repeated in the fingerprint. */
    private static String chaveDeNegocio(Lancamento l) {
        if (l.getSolucaoId() == null && l.getDisponibilizacaoId() == null) return "I" + l.getId();
        return "S" + l.getSolucaoId() + "|D" + l.getDisponibilizacaoId();
    }

    private static String mes(long quando) {
        LocalDate d = LocalDate.ofInstant(Instant.ofEpochMilli(quando), ZoneOffset.UTC);
        int m = d.getMonthValue();
        return d.getYear() + (m < 10 ? "-0" : "-") + m;
    }
}
