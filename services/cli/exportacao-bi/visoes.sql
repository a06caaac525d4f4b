-- As apurações que já estiveram em vigor; 0 é a de antes de qualquer rulebook aplicado ao passado.
CREATE OR REPLACE VIEW vigentes AS
SELECT 0 AS numero
UNION ALL
SELECT numero FROM apuracoes WHERE estado = 'em-vigor';

-- Todas as decisões exportadas: repetidas pelas origens, e as de antes e de depois de outro rulebook.
CREATE OR REPLACE VIEW classificadas AS
SELECT * FROM interacoes_contabilizadas
UNION ALL BY NAME
SELECT * FROM interacoes_nao_contabilizadas;

-- O que um rulebook aplicado ao passado pôs de lado: deixa de valer o que se tinha decidido antes.
CREATE OR REPLACE VIEW postas_de_lado AS
SELECT source, id, max(apuracao) AS apuracao
FROM quarentena
WHERE redecidida AND source IS NOT NULL AND apuracao IN (SELECT numero FROM vigentes)
GROUP BY source, id;

-- Cada interação uma vez, como a decidem as regras em vigor.
CREATE OR REPLACE VIEW interacoes AS
SELECT c.*
FROM classificadas c
LEFT JOIN postas_de_lado p ON p.source = c.source AND p.id = c.id
WHERE c.apuracao IN (SELECT numero FROM vigentes)
  AND (c.apuracao_que_derivou IS NULL OR c.apuracao_que_derivou = (SELECT max(numero) FROM vigentes))
  AND (p.apuracao IS NULL OR p.apuracao <= c.apuracao)
QUALIFY row_number() OVER (
  PARTITION BY c.source, c.id
  ORDER BY CASE WHEN c.redecidida THEN c.apuracao ELSE 0 END DESC, c.registrada_em, c.topico, c.particao, c.posicao
) = 1;

-- O que cada estorno desfaz: a interação, para cada cliente que o estorno nomeia (nulo: ninguém identificado).
CREATE OR REPLACE VIEW estornos AS
SELECT DISTINCT estornada_source AS source, estornada_id AS id, cliente
FROM (
  SELECT estornada_source, estornada_id, cliente_pf AS cliente
  FROM interacoes WHERE tipo_interacao = 'estorno' AND (cliente_pf IS NOT NULL OR cliente_pj IS NULL)
  UNION ALL
  SELECT estornada_source, estornada_id, cliente_pj
  FROM interacoes WHERE tipo_interacao = 'estorno' AND cliente_pj IS NOT NULL
);

-- O crédito de cada interação que conta: uma linha por cliente (nulo: estudantes não identificados).
CREATE OR REPLACE VIEW creditos AS
SELECT i.*, credito_pf AS cliente, 'pf' AS publico, 1 AS quantidade, false AS ao_lado_de_pf
FROM interacoes i WHERE contabiliza AND credito_pf IS NOT NULL
UNION ALL BY NAME
SELECT i.*, credito_pj AS cliente, 'pj' AS publico, 1 AS quantidade, credito_pf IS NOT NULL AS ao_lado_de_pf
FROM interacoes i WHERE contabiliza AND credito_pj IS NOT NULL
UNION ALL BY NAME
SELECT i.*, NULL AS cliente, 'nao-identificado' AS publico,
  coalesce(nao_identificado_quantidade, 1) AS quantidade, false AS ao_lado_de_pf
FROM interacoes i
WHERE contabiliza AND credito_pf IS NULL AND credito_pj IS NULL AND cliente_pf IS NULL AND cliente_pj IS NULL;

-- As entregas: o que conta, uma vez por cliente e chave, sem o que foi estornado. Relatada mais de uma vez, a entrega é
-- a do relato que aconteceu primeiro.
CREATE OR REPLACE VIEW entregas AS
SELECT c.*, year(c.dia) AS ano, strftime(c.dia, '%Y-%m') AS mes
FROM creditos c
WHERE NOT EXISTS (
  SELECT 1 FROM estornos e
  WHERE e.source = c.source AND e.id = c.id AND e.cliente IS NOT DISTINCT FROM c.cliente
)
QUALIFY row_number() OVER (PARTITION BY c.cliente, c.chave ORDER BY c.ocorrida_em, c.source, c.id) = 1;

-- A situação de cada cliente em cada ano, como foi dita por último. Os números são os do momento em que a situação virou.
CREATE OR REPLACE VIEW clientes_atendidos AS
SELECT *
FROM mudancas_de_status
QUALIFY row_number() OVER (PARTITION BY cliente, ano ORDER BY particao, posicao DESC) = 1;
