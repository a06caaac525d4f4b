import avro from 'avsc';

/** What avsc reads from; its types leave it out. */
interface Tap {
  buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  readString(): string;
}

interface Items {
  _read(tap: Tap): unknown;
}

interface Collection {
  itemsType: Items;
  valuesType: Items;
  _read(tap: Tap): unknown;
}

/** The next block's number of items. Each takes a byte at least, so a number past the bytes left is a lie. */
function blockSize(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong();
  }
  const left = tap.buf.length - tap.pos;
  if (count > left) throw new Error(`bloco de ${count} itens em ${left} bytes`);
  return count;
}

/**
 * avsc believes the number of items that a block of an array or map announces, and would fill the memory or read for
 * hours on a few hostile bytes: one record would stop a service for good.
 */
export function guardCollections(): void {
  const arrays = avro.types.ArrayType.prototype as unknown as Collection;
  arrays._read = function (tap) {
    const items: unknown[] = [];
    for (let count = blockSize(tap); count > 0; count = blockSize(tap)) {
      while (count-- > 0) items.push(this.itemsType._read(tap));
    }
    return items;
  };
  const maps = avro.types.MapType.prototype as unknown as Collection;
  maps._read = function (tap) {
    const values: Record<string, unknown> = {};
    for (let count = blockSize(tap); count > 0; count = blockSize(tap)) {
      while (count-- > 0) {
        const key = tap.readString();
        values[key] = this.valuesType._read(tap);
      }
    }
    return values;
  };
}
