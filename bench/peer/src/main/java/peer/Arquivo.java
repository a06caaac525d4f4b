package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import peer.avro.Canal;
import peer.avro.Interacao;
import peer.avro.TipoEvento;
import peer.avro.TipoSolucao;

/** The bench's load as bench/peer.ts wrote it: one JSON object a line, in order, in this program's own vocabulary. */
final class Arquivo implements AutoCloseable {
    private final BufferedReader linhas;
    private final ObjectReader json = new ObjectMapper().reader();

    Arquivo(String arquivo) throws IOException {
        linhas = Files.newBufferedReader(Path.of(arquivo));
    }

    /** The next event; null after the last. */
    Interacao proxima() throws IOException {
        String linha = linhas.readLine();
        if (linha == null) return null;
        JsonNode n = json.readTree(linha);
        Interacao e = new Interacao();
        e.setId(n.get("id").textValue());
        e.setFonte(n.get("fonte").textValue());
        e.setTipo(TipoEvento.valueOf(n.get("tipo").textValue()));
        e.setTipoSolucao(TipoSolucao.valueOf(n.get("tipoSolucao").textValue()));
        e.setClientePf(n.get("clientePf").textValue());
        e.setClientePj(n.path("clientePj").textValue());
        e.setCanal(Canal.valueOf(n.get("canal").textValue()));
        e.setOcorridoEm(n.get("ocorridoEm").longValue());
        e.setUf(n.get("uf").textValue());
        e.setSolucaoId(n.path("solucaoId").textValue());
        e.setDisponibilizacaoId(n.path("disponibilizacaoId").textValue());
        e.setMomento(n.path("momento").textValue());
        e.setContabiliza(n.path("contabiliza").isBoolean() ? n.get("contabiliza").booleanValue() : null);
        e.setDuracaoMin(n.path("duracaoMin").isInt() ? n.get("duracaoMin").intValue() : null);
        Map<String, String> atributos = new HashMap<>();
        n.path("atributos").fields().forEachRemaining(a -> atributos.put(a.getKey(), a.getValue().textValue()));
        e.setAtributos(atributos);
        return e;
    }

    @Override
    public void close() throws IOException {
        linhas.close();
    }
}
