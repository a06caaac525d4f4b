package peer;

import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import peer.avro.Interacao;
import peer.avro.TipoEvento;
import peer.avro.TipoSolucao;

/**
 * The expected result, by a plain single-threaded pass over the load: no Kafka, no Avro bytes, its own rules
 * (written as code, not as the table), whole strings as business keys.
 */
final class Recontagem {
    private static final Set<TipoSolucao> COLETIVAS = EnumSet.of(TipoSolucao.PALESTRA, TipoSolucao.CURSO, TipoSolucao.OFICINA,
        TipoSolucao.SEMINARIO, TipoSolucao.FEIRA, TipoSolucao.MISSAO_CARAVANA, TipoSolucao.RODADA_NEGOCIO, TipoSolucao.CLINICA);

    private static final class Cliente {
        long total, primeiro = Long.MAX_VALUE, ultimo = Long.MIN_VALUE;
        final TreeMap<TipoSolucao, Long> porTipo = new TreeMap<>();
    }

    private Recontagem() {}

    private static String motivo(Interacao e) {
        TipoSolucao s = e.getTipoSolucao();
        switch (e.getTipo()) {
            case MOMENTO_DIGITAL:
                if (s == TipoSolucao.CURSO_AUTOINSTRUCIONAL) return "inicio".equals(e.getMomento()) ? "CONTA_INICIO" : "NC_MOMENTO";
                if (s == TipoSolucao.JOGO || s == TipoSolucao.VITRINE || s == TipoSolucao.FERRAMENTA) {
                    return e.getContabiliza() != null && e.getContabiliza() ? "CONTA_SINALIZADA" : "NC_NAO_SINALIZADA";
                }
                return "NC_SEM_REGRA";
            case INTERACAO_ATENDIMENTO:
                return s == TipoSolucao.CONSULTORIA || s == TipoSolucao.ASSESSORAMENTO || s == TipoSolucao.ORIENTACAO
                    ? "CONTA_ATENDIMENTO" : "NC_SEM_REGRA";
            case CONSOLIDACAO:
                return COLETIVAS.contains(s) ? "CONTA_CONSOLIDACAO" : "NC_SEM_REGRA";
            case CHECK_IN:
            case INSCRICAO:
                return COLETIVAS.contains(s) ? "NC_AGUARDA_CONSOLIDACAO" : "NC_SEM_REGRA";
            default:
                return "NC_EVENTO_NAO_CONTABIL";
        }
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> o = Opcoes.ler(args);
        Set<String> chaves = new HashSet<>();
        Map<String, Cliente> pf = new HashMap<>();
        Map<String, Cliente> pj = new HashMap<>();
        Map<String, Long> globais = new TreeMap<>();
        Set<String> ids = new HashSet<>();
        Set<String> distintosPf = new HashSet<>();
        Map<TipoEvento, Integer> mistura = new TreeMap<>();
        long sim = 0, nao = 0, comPj = 0, lancamentos = 0, contadosPf = 0, contadosPj = 0, somaClasse = 0;
        long t0 = System.nanoTime();
        Arquivo g = new Arquivo(o.get("carga"));
        int eventos = 0;
        for (Interacao e = g.proxima(); e != null; e = g.proxima()) {
            eventos++;
            ids.add(e.getId());
            distintosPf.add(e.getClientePf());
            mistura.merge(e.getTipo(), 1, Integer::sum);
            if (e.getClientePj() != null) comPj++;
            String m = motivo(e);
            boolean conta = m.startsWith("CONTA_");
            String regra = "R" + (100 + 100 * e.getTipoSolucao().ordinal() + e.getTipo().ordinal());
            somaClasse += Texto.digital(e.getId() + '|' + conta + '|' + m + '|' + regra + "|3");
            if (!conta) {
                nao++;
                continue;
            }
            sim++;
            for (String cliente : new String[] {e.getClientePf(), e.getClientePj()}) {
                if (cliente == null) continue;
                lancamentos++;
                boolean ehPf = cliente == e.getClientePf();
                boolean semSolucao = e.getSolucaoId() == null && e.getDisponibilizacaoId() == null;
                if (!chaves.add(cliente + (semSolucao ? "/" + e.getId() : "/" + e.getSolucaoId() + "/" + e.getDisponibilizacaoId()))) continue;
                Cliente c = (ehPf ? pf : pj).computeIfAbsent(cliente, k -> new Cliente());
                c.total++;
                c.primeiro = Math.min(c.primeiro, e.getOcorridoEm());
                c.ultimo = Math.max(c.ultimo, e.getOcorridoEm());
                c.porTipo.merge(e.getTipoSolucao(), 1L, Long::sum);
                if (ehPf) contadosPf++;
                else contadosPj++;
                YearMonth mes = YearMonth.from(Instant.ofEpochMilli(e.getOcorridoEm()).atOffset(ZoneOffset.UTC));
                globais.merge(ehPf ? "PF|" + e.getUf() + '|' + e.getTipoSolucao() + '|' + mes : "PJ|" + e.getTipoSolucao(), 1L, Long::sum);
            }
        }
        Properties p = new Properties();
        p.setProperty("contabilizadas", "" + sim);
        p.setProperty("naoContabilizadas", "" + nao);
        p.setProperty("somaClassificadas", "" + somaClasse);
        p.setProperty("lancamentos", "" + lancamentos);
        p.setProperty("atendidos.pf", "" + pf.size());
        p.setProperty("atendidos.pj", "" + pj.size());
        p.setProperty("contados.pf", "" + contadosPf);
        p.setProperty("contados.pj", "" + contadosPj);
        long aPf = 0, aPj = 0, aGlobais = 0, somaGlobais = 0;
        for (var x : pf.entrySet()) aPf += assinatura(x.getKey(), x.getValue(), true);
        for (var x : pj.entrySet()) aPj += assinatura(x.getKey(), x.getValue(), false);
        for (var x : globais.entrySet()) {
            aGlobais += Texto.digital(x.getKey() + '=' + x.getValue());
            somaGlobais += x.getValue();
        }
        p.setProperty("assinatura.pf", "" + aPf);
        p.setProperty("assinatura.pj", "" + aPj);
        p.setProperty("assinatura.globais", "" + aGlobais);
        p.setProperty("soma.globais", "" + somaGlobais);
        try (Writer w = Files.newBufferedWriter(Path.of(o.get("saida")))) {
            p.store(w, null);
        }
        System.out.printf(java.util.Locale.ROOT,
            "RECONTAGEM eventos=%d ids=%d pfDistintos=%d comPj=%.3f contabilizadas=%d lancamentos=%d atendidos=%d+%d contados=%d+%d em %.1fs mistura=%s%n",
            eventos, ids.size(), distintosPf.size(), comPj / (double) eventos, sim, lancamentos, pf.size(), pj.size(),
            contadosPf, contadosPj, (System.nanoTime() - t0) / 1e9, mistura);
    }

    private static long assinatura(String id, Cliente c, boolean comDatas) {
        StringBuilder s = new StringBuilder(id).append('|').append(c.total);
        if (comDatas) s.append('|').append(c.primeiro).append('|').append(c.ultimo);
        c.porTipo.forEach((t, q) -> s.append('|').append(t).append('=').append(q));
        return Texto.digital(s.toString());
    }
}
