package peer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import peer.avro.TipoCliente;
import peer.avro.TipoSolucao;

/** What is kept per client, including the 64-bit fingerprints of the business keys already counted. */
final class EstadoCliente {
    static final Serde<EstadoCliente> SERDE = Serdes.serdeFrom(
        (topico, e) -> e == null ? null : e.escrever(),
        (topico, b) -> b == null ? null : new EstadoCliente(b));

    final TipoCliente tipo;
    boolean atendido;
    long primeiro = Long.MAX_VALUE;
    long ultimo = Long.MIN_VALUE;
    final int[] porTipo = new int[TipoSolucao.values().length];
    private long[] vistos;
    private int total;

    EstadoCliente(TipoCliente tipo) {
        this.tipo = tipo;
        this.vistos = new long[2];
    }

    /** False when this business key was already counted for the client. */
    boolean contar(long digital, TipoSolucao solucao, long quando) {
        for (int i = 0; i < total; i++) if (vistos[i] == digital) return false;
        if (total == vistos.length) vistos = Arrays.copyOf(vistos, total + 1 + total / 2);
        vistos[total++] = digital;
        atendido = true;
        primeiro = Math.min(primeiro, quando);
        ultimo = Math.max(ultimo, quando);
        porTipo[solucao.ordinal()]++;
        return true;
    }

    int total() {
        return total; // one fingerprint per counted entry
    }

    private byte[] escrever() {
        int tipos = 0;
        for (int c : porTipo) if (c > 0) tipos++;
        ByteBuffer b = ByteBuffer.allocate(1 + 8 + 8 + 4 + 1 + tipos * 5 + total * 8);
        b.put((byte) (tipo.ordinal() | (atendido ? 2 : 0))).putLong(primeiro).putLong(ultimo).putInt(total).put((byte) tipos);
        for (int i = 0; i < porTipo.length; i++) if (porTipo[i] > 0) b.put((byte) i).putInt(porTipo[i]);
        for (int i = 0; i < total; i++) b.putLong(vistos[i]);
        return b.array();
    }

    private EstadoCliente(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        byte sinais = b.get();
        tipo = TipoCliente.values()[sinais & 1];
        atendido = (sinais & 2) != 0;
        primeiro = b.getLong();
        ultimo = b.getLong();
        total = b.getInt();
        for (int i = b.get(); i > 0; i--) porTipo[b.get()] = b.getInt();
        vistos = new long[total + 1];
        for (int i = 0; i < total; i++) vistos[i] = b.getLong();
    }
}
