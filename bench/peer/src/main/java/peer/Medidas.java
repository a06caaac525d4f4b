package peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counters the stream threads bump, and CPU/memory readings from /proc (10 ms ticks). */
final class Medidas {
    /** One moment: wall clock and CPU used so far, in seconds. */
    record Marca(long nanos, double app, double broker, double maquina, double roubo) {}

    final LongAdder brutos = new LongAdder();
    final LongAdder contadas = new LongAdder();
    final LongAdder emitidos = new LongAdder();
    final LongAdder aplicados = new LongAdder();
    final AtomicLong ultimoNanos = new AtomicLong();
    volatile Marca inicio;
    private final AtomicBoolean comecou = new AtomicBoolean();
    private final long broker;

    Medidas(long pidBroker) {
        broker = pidBroker;
    }

    void brutoLido() {
        if (!comecou.get() && comecou.compareAndSet(false, true)) inicio = marcar();
        brutos.increment();
        ultimoNanos.lazySet(System.nanoTime());
    }

    void contadaLida(int lancamentos) {
        contadas.increment();
        emitidos.add(lancamentos);
        ultimoNanos.lazySet(System.nanoTime());
    }

    void lancamentoAplicado() {
        aplicados.increment();
        ultimoNanos.lazySet(System.nanoTime());
    }

    Marca marcar() {
        String[] c = ler("/proc/stat").split("\n", 2)[0].trim().split(" +");
        double maquina = 0; // user, nice, system, irq, softirq: neither idle nor iowait
        for (int i : new int[] {1, 2, 3, 6, 7}) maquina += Long.parseLong(c[i]) / 100.0;
        return new Marca(System.nanoTime(), cpuDe("self"), broker > 0 ? cpuDe(Long.toString(broker)) : 0, maquina, Long.parseLong(c[8]) / 100.0);
    }

    /** A fixed sum on two threads at once, in ms: shows how fast the (virtual) machine happens to be just now. */
    static double calibrar() throws InterruptedException {
        double melhor = Double.MAX_VALUE;
        for (int vez = 0; vez < 3; vez++) {
            long t0 = System.nanoTime();
            Thread[] ts = new Thread[2];
            long[] r = new long[2 * 16];
            for (int t = 0; t < 2; t++) {
                int eu = t * 16;
                ts[t] = new Thread(() -> {
                    long z = eu;
                    for (int i = 0; i < 40_000_000; i++) z = Texto.mistura(z);
                    r[eu] = z;
                });
                ts[t].start();
            }
            for (Thread t : ts) t.join();
            if (r[0] == r[16]) throw new IllegalStateException();
            melhor = Math.min(melhor, (System.nanoTime() - t0) / 1e6);
        }
        return melhor;
    }

    private static double cpuDe(String pid) {
        String s = ler("/proc/" + pid + "/stat");
        String[] c = s.substring(s.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(c[11]) + Long.parseLong(c[12])) / 100.0; // utime + stime
    }

    static double memoriaMiB(String campo) {
        for (String l : ler("/proc/self/status").split("\n")) {
            if (l.startsWith(campo + ":")) return Long.parseLong(l.replaceAll("\\D", "")) / 1024.0;
        }
        return -1;
    }

    private static String ler(String arquivo) {
        try {
            return Files.readString(Path.of(arquivo));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
