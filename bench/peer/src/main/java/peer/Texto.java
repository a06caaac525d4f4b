package peer;

/** Fingerprints and order-independent checksums. */
final class Texto {
    private Texto() {}

    static long digital(String s) { // FNV-1a over the chars, then a finaliser
        long h = 0xCBF29CE484222325L;
        for (int i = 0; i < s.length(); i++) h = (h ^ s.charAt(i)) * 0x100000001B3L;
        return mistura(h);
    }

    static long mistura(long z) { // splitmix64 finaliser
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
