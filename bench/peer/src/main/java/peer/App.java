package peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import peer.avro.Classificada;
import peer.avro.TipoCliente;
import peer.avro.TipoSolucao;

/** One measured run: start the topology over the preloaded topic, time it to zero lag, check every total, report. */
final class App {
    private final Map<String, String> o;
    private final String servidor;
    private final String rodada;
    private final boolean completa;
    private final int n;
    private final Medidas medidas;
    private volatile Throwable falha;
    private double calibracaoMs;

    private App(Map<String, String> o) {
        this.o = o;
        servidor = o.get("servidor");
        rodada = o.get("rodada");
        completa = !"classificador".equals(o.get("parte"));
        n = Integer.parseInt(o.get("eventos"));
        medidas = new Medidas(Long.parseLong(o.getOrDefault("pidBroker", "0")));
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> o = Opcoes.ler(args);
        if (o.containsKey("aquecer")) { // a whole unrecorded pass first, in this same process, so the code is compiled
            Map<String, String> a = new HashMap<>(o);
            a.remove("resultado");
            a.put("rodada", o.get("rodada") + "-aq");
            a.put("estado", o.get("estado") + "-aq");
            if (!new App(a).rodar()) System.exit(3);
        }
        System.exit(new App(o).rodar() ? 0 : 3);
    }

    private boolean rodar() throws Exception {
        calibracaoMs = Medidas.calibrar();
        Path estado = Path.of(o.get("estado"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servidor))) {
            criarTopicos(admin);

            Properties c = new Properties();
            c.put(StreamsConfig.APPLICATION_ID_CONFIG, rodada);
            c.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servidor);
            c.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
            c.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
            c.put(StreamsConfig.STATE_DIR_CONFIG, estado.toString());
            c.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
            c.put("consumer.auto.offset.reset", "earliest");
            c.put("producer.compression.type", "lz4");

            Topology t = Topologia.montar(medidas, completa);
            try (KafkaStreams streams = new KafkaStreams(t, c)) {
                streams.setUncaughtExceptionHandler(e -> {
                    falha = e;
                    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
                });
                streams.start();
                Map<String, Object> r = medir(admin);
                boolean certo = conferir(r, streams);
                long ti = System.nanoTime();
                streams.close(Duration.ofSeconds(60));
                r.put("segundosParaFechar", (System.nanoTime() - ti) / 1e9);
                if (completa) tamanhoDoEstado(r, estado);
                r.put("bytesNoBroker.contabilizadas", Opcoes.bytesNoBroker(servidor, Topologia.SIM::equals));
                r.put("bytesNoBroker.naoContabilizadas", Opcoes.bytesNoBroker(servidor, Topologia.NAO::equals));
                for (String s : new String[] {"-repartition", "-changelog"}) {
                    r.put("bytesNoBroker." + s.substring(1), Opcoes.bytesNoBroker(servidor, x -> x.startsWith(rodada + "-") && x.endsWith(s)));
                }
                r.put("conferido", certo);
                String linha = new ObjectMapper().writeValueAsString(r);
                System.out.println("RESULTADO " + linha);
                if (o.containsKey("resultado")) {
                    Files.writeString(Path.of(o.get("resultado")), linha + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                }
                limpar(admin);
                return certo;
            }
        }
    }

    private void criarTopicos(Admin admin) throws Exception {
        Set<String> nomes = admin.listTopics().names().get(30, TimeUnit.SECONDS);
        List<String> velhos = new ArrayList<>(List.of(Topologia.SIM, Topologia.NAO));
        velhos.retainAll(nomes);
        admin.deleteTopics(velhos).all().get(30, TimeUnit.SECONDS);
        List<NewTopic> novos = List.of(Topologia.SIM, Topologia.NAO).stream()
            .map(s -> new NewTopic(s, Topologia.PARTICOES, (short) 1).configs(Map.of("retention.ms", "-1"))).toList();
        admin.createTopics(novos).all().get(30, TimeUnit.SECONDS);
    }

    private void limpar(Admin admin) throws Exception {
        List<String> meus = admin.listTopics().names().get(30, TimeUnit.SECONDS).stream()
            .filter(s -> s.startsWith(rodada + "-") || s.equals(Topologia.SIM) || s.equals(Topologia.NAO)).toList();
        admin.deleteTopics(meus).all().get(30, TimeUnit.SECONDS);
    }

    // ---- measuring

    private Map<String, Object> medir(Admin admin) throws Exception {
        long limite = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
        Medidas.Marca metade = null;
        long nanosProcessado = 0;
        Medidas.Marca fim;
        long ultimoAviso = System.nanoTime();
        while (true) {
            if (falha != null) throw new IllegalStateException("the topology died", falha);
            if (System.nanoTime() > limite) throw new IllegalStateException("no zero lag after 10 minutes: " + atraso(admin));
            long b = medidas.brutos.sum();
            if (metade == null && b >= n / 2) metade = medidas.marcar();
            boolean tudoProcessado = b >= n && medidas.emitidos.sum() == medidas.aplicados.sum();
            nanosProcessado = medidas.ultimoNanos.get();
            // committed offsets are asked for only when nothing is left to process, so polling costs nothing before
            if (tudoProcessado && atraso(admin) == 0) {
                fim = medidas.marcar();
                break;
            }
            if (System.nanoTime() - ultimoAviso > 5_000_000_000L) {
                ultimoAviso = System.nanoTime();
                System.out.printf("... %d brutos, %d emitidos, %d aplicados%n", b, medidas.emitidos.sum(), medidas.aplicados.sum());
            }
            Thread.sleep(20);
        }
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("tipo", "app");
        r.put("rodada", rodada);
        r.put("caso", o.get("caso"));
        r.put("eventos", n);
        Medidas.Marca i = medidas.inicio;
        Medidas.Marca m = fim;
        double s = (fim.nanos() - i.nanos()) / 1e9;
        r.put("segundos", s);
        r.put("eventosPorSegundo", n / s);
        r.put("eventosPorSegundoSegundaMetade", (n - n / 2) / ((fim.nanos() - metade.nanos()) / 1e9));
        r.put("segundosAteUltimoRegistro", (nanosProcessado - i.nanos()) / 1e9);
        r.put("segundosAteAtrasoZero", (fim.nanos() - i.nanos()) / 1e9);
        r.put("cpuApp", m.app() - i.app());
        r.put("cpuAppDesdeOInicioDoProcesso", m.app());
        r.put("cpuBroker", m.broker() - i.broker());
        r.put("cpuOutros", (m.maquina() - i.maquina()) - (m.app() - i.app()) - (m.broker() - i.broker()));
        r.put("cpuRoubada", m.roubo() - i.roubo());
        r.put("calibracaoMs", calibracaoMs);
        r.put("rssMiB", Medidas.memoriaMiB("VmRSS"));
        r.put("rssPicoMiB", Medidas.memoriaMiB("VmHWM"));
        r.put("heapMaxMiB", Runtime.getRuntime().maxMemory() / 1048576.0);
        return r;
    }

    /** Log end (read_committed, asked last) minus committed offset, over every topic the app reads. */
    private long atraso(Admin admin) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> gravados;
        try {
            gravados = admin.listConsumerGroupOffsets(rodada).partitionsToOffsetAndMetadata().get(30, TimeUnit.SECONDS);
            List<String> topicos = new ArrayList<>(List.of(Topologia.BRUTAS));
            if (completa) topicos.add(rodada + "-" + Topologia.LEDGER + "-repartition");
            Map<TopicPartition, OffsetSpec> pedido = new HashMap<>();
            for (String s : topicos) for (int p = 0; p < Topologia.PARTICOES; p++) pedido.put(new TopicPartition(s, p), OffsetSpec.latest());
            var fins = admin.listOffsets(pedido, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get(30, TimeUnit.SECONDS);
            long soma = 0;
            for (var f : fins.entrySet()) {
                OffsetAndMetadata g = gravados.get(f.getKey());
                soma += f.getValue().offset() - (g == null ? 0 : g.offset());
            }
            return soma;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) return Long.MAX_VALUE; // not created yet
            throw e;
        }
    }

    // ---- checking

    private boolean conferir(Map<String, Object> r, KafkaStreams streams) throws Exception {
        Map<String, Long> achado = new TreeMap<>();
        if (completa) {
            lerClientes(achado, streams);
            lerGlobais(achado, streams);
        }
        lerClassificadas(achado);
        r.put("atendidos", achado.getOrDefault("atendidos.pf", 0L) + achado.getOrDefault("atendidos.pj", 0L));
        r.put("contados", achado.getOrDefault("contados.pf", 0L) + achado.getOrDefault("contados.pj", 0L));

        Properties esperado = new Properties();
        try (Reader l = Files.newBufferedReader(Path.of(o.get("esperado")))) {
            esperado.load(l);
        }
        boolean certo = true;
        for (var a : achado.entrySet()) {
            String e = esperado.getProperty(a.getKey());
            boolean igual = Long.toString(a.getValue()).equals(e);
            certo &= igual;
            System.out.printf(Locale.ROOT, "%-22s %22d  recontagem %22s  %s%n", a.getKey(), a.getValue(), e, igual ? "igual" : "DIFERENTE");
        }
        System.out.println(certo ? "CONFERENCIA OK" : "CONFERENCIA FALHOU");
        return certo;
    }

    private static void lerClientes(Map<String, Long> achado, KafkaStreams streams) {
        var loja = streams.store(StoreQueryParameters.fromNameAndType(Agregador.CLIENTES, QueryableStoreTypes.<String, EstadoCliente>keyValueStore()));
        long[] quantos = new long[2], contados = new long[2], assinatura = new long[2];
        try (KeyValueIterator<String, EstadoCliente> it = loja.all()) {
            while (it.hasNext()) {
                KeyValue<String, EstadoCliente> kv = it.next();
                EstadoCliente e = kv.value;
                int t = e.tipo.ordinal();
                if (e.atendido) quantos[t]++;
                contados[t] += e.total();
                StringBuilder s = new StringBuilder(kv.key).append('|').append(e.total());
                if (e.tipo == TipoCliente.PF) s.append('|').append(e.primeiro).append('|').append(e.ultimo);
                for (TipoSolucao x : TipoSolucao.values()) if (e.porTipo[x.ordinal()] > 0) s.append('|').append(x).append('=').append(e.porTipo[x.ordinal()]);
                assinatura[t] += Texto.digital(s.toString());
            }
        }
        for (TipoCliente t : TipoCliente.values()) {
            String sufixo = t.name().toLowerCase(Locale.ROOT);
            achado.put("atendidos." + sufixo, quantos[t.ordinal()]);
            achado.put("contados." + sufixo, contados[t.ordinal()]);
            achado.put("assinatura." + sufixo, assinatura[t.ordinal()]);
        }
    }

    private static void lerGlobais(Map<String, Long> achado, KafkaStreams streams) {
        var loja = streams.store(StoreQueryParameters.fromNameAndType(Agregador.GLOBAIS, QueryableStoreTypes.<String, Agregador.Contagem>keyValueStore()));
        Map<String, Long> somas = new HashMap<>();
        long soma = 0;
        try (KeyValueIterator<String, Agregador.Contagem> it = loja.all()) {
            while (it.hasNext()) {
                KeyValue<String, Agregador.Contagem> kv = it.next();
                if (kv.value.pf() > 0) somas.merge("PF|" + kv.key, kv.value.pf(), Long::sum);
                // which of two PFs of one PJ comes first is not fixed, so a PJ counter is checked without unit and month
                if (kv.value.pj() > 0) somas.merge("PJ|" + kv.key.split("\\|")[1], kv.value.pj(), Long::sum);
                soma += kv.value.pf() + kv.value.pj();
            }
        }
        long assinatura = 0;
        for (var x : somas.entrySet()) assinatura += Texto.digital(x.getKey() + '=' + x.getValue());
        achado.put("assinatura.globais", assinatura);
        achado.put("soma.globais", soma);
    }

    private void lerClassificadas(Map<String, Long> achado) {
        Map<String, Object> c = Map.of("bootstrap.servers", servidor, "isolation.level", "read_committed", "enable.auto.commit", false,
            "max.poll.records", 5000);
        try (KafkaConsumer<String, Classificada> k = new KafkaConsumer<>(c, new StringDeserializer(), Topologia.CLASSIFICADA.deserializer())) {
            List<TopicPartition> tps = new ArrayList<>();
            for (String s : new String[] {Topologia.SIM, Topologia.NAO}) for (int p = 0; p < Topologia.PARTICOES; p++) tps.add(new TopicPartition(s, p));
            k.assign(tps);
            k.seekToBeginning(tps);
            Map<TopicPartition, Long> fins = k.endOffsets(tps);
            long sim = 0, nao = 0, trocadas = 0, soma = 0;
            while (!tps.stream().allMatch(tp -> k.position(tp) >= fins.get(tp))) {
                for (ConsumerRecord<String, Classificada> x : k.poll(Duration.ofMillis(200))) {
                    Classificada v = x.value();
                    boolean topicoSim = x.topic().equals(Topologia.SIM);
                    if (topicoSim) sim++;
                    else nao++;
                    if (topicoSim != v.getContabiliza() || !x.key().equals(v.getInteracao().getClientePf())) trocadas++;
                    soma += Texto.digital(v.getInteracao().getId() + '|' + v.getContabiliza() + '|' + v.getMotivo() + '|' + v.getRegra() + '|' + v.getVersao());
                }
            }
            if (trocadas > 0) throw new IllegalStateException(trocadas + " records in the wrong topic or under the wrong key");
            achado.put("contabilizadas", sim);
            achado.put("naoContabilizadas", nao);
            achado.put("somaClassificadas", soma);
        }
    }

    private static void tamanhoDoEstado(Map<String, Object> r, Path estado) throws IOException {
        long[] bytes = new long[3]; // everything, client store, global store (sst files)
        Files.walkFileTree(estado, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path f, BasicFileAttributes a) {
                bytes[0] += a.size();
                if (f.toString().endsWith(".sst")) bytes[f.toString().contains("/" + Agregador.CLIENTES + "/") ? 1 : 2] += a.size();
                return FileVisitResult.CONTINUE;
            }
        });
        r.put("estadoBytes", bytes[0]);
        r.put("estadoBytesClientes", bytes[1]);
        r.put("estadoBytesGlobais", bytes[2]);
        long clientes = ((Number) r.get("atendidos")).longValue();
        r.put("estadoBytesPorCliente", bytes[0] / (double) clientes);
        r.put("estadoBytesClientesPorCliente", bytes[1] / (double) clientes);
    }
}
