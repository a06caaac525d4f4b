package peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import peer.avro.Interacao;

/** Preload: creates the raw topic and writes every event to it. */
final class Carga {
    private Carga() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> o = Opcoes.ler(args);
        String servidor = o.get("servidor");
        String topico = o.getOrDefault("topico", Topologia.BRUTAS);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servidor))) {
            admin.createTopics(List.of(new NewTopic(topico, Topologia.PARTICOES, (short) 1)
                .configs(Map.of("retention.ms", "-1")))).all().get(60, TimeUnit.SECONDS);
        }
        Map<String, Object> c = Map.of("bootstrap.servers", servidor, "compression.type", "lz4", "acks", "all",
            "enable.idempotence", true, "linger.ms", 20, "batch.size", 131072);
        AtomicReference<Exception> falha = new AtomicReference<>();
        long bytes = 0;
        int n = 0;
        long t0 = System.nanoTime();
        try (Arquivo g = new Arquivo(o.get("carga"));
            KafkaProducer<String, Interacao> p = new KafkaProducer<>(c, new StringSerializer(), Topologia.INTERACAO.serializer())) {
            for (Interacao e = g.proxima(); e != null; e = g.proxima()) {
                if (n++ % 100 == 0) bytes += Topologia.INTERACAO.serializer().serialize(topico, e).length;
                p.send(new ProducerRecord<>(topico, e.getClientePf(), e), (m, x) -> {
                    if (x != null) falha.compareAndSet(null, x);
                });
            }
        }
        if (falha.get() != null) throw falha.get();
        double s = (System.nanoTime() - t0) / 1e9;
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("tipo", "carga");
        r.put("eventos", n);
        r.put("segundos", s);
        r.put("eventosPorSegundo", n / s);
        r.put("bytesPorValor", bytes / (double) ((n + 99) / 100));
        r.put("bytesNoBrokerPorEvento", Opcoes.bytesNoBroker(servidor, topico::equals) / (double) n);
        String linha = new ObjectMapper().writeValueAsString(r);
        if (o.containsKey("resultado")) {
            Files.writeString(Path.of(o.get("resultado")), linha + "\n", java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
        }
        System.out.printf(Locale.ROOT, "CARGA %s%n", linha);
    }
}
