/** What is written down. `cliente-esquecido` and `cliente-exportado`: of a person's rights. */
export const ATOS = [
  'fonte-registrada',
  'chave-criada',
  'chave-trocada',
  'chave-revogada',
  'portfolio-gravado',
  'quarentena-corrigida',
  'quarentena-reenviada',
  'reprocesso-aplicado',
  'estado-trocado',
  'cliente-esquecido',
  'cliente-exportado',
  'chave-de-id-trocada',
  'chave-de-id-confirmada',
] as const;
