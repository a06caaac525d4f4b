const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What bytes say in UTF-8, without a byte order mark in front; null: they are no UTF-8. */
export function textoUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** JSON in UTF-8 as the door reads it; null: it is none. The parser's own words would quote it, and it may hold a CPF. */
export function jsonUtf8(bytes: Uint8Array): { json: unknown } | null {
  const texto = textoUtf8(bytes);
  if (texto === null) return null;
  try {
    return { json: JSON.parse(texto) };
  } catch {
    return null;
  }
}
