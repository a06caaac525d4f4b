/** A solution as the door takes it. */
export interface SolucaoDemo {
  id: string;
  tipoSolucao: string;
  nome: string;
  frequenciaMinima?: number;
  momentos?: Record<string, boolean>;
  educacaoEmpreendedora?: { publicoAlvo: 'professor' | 'estudante' | 'ambos' };
}

/** An offer as the door takes it. */
export interface OfertaDemo {
  id: string;
  solucaoId: string;
  etapas?: number;
  responsaveis?: { id: string; papel: string }[];
  patrocinado?: boolean;
  janelaTardiaDias?: number;
}

type Linha = readonly [tipoSolucao: string, prefixo: string, ...nomes: string[]];

const LINHAS: readonly Linha[] = [
  ['palestra', 'PAL', 'Fluxo de caixa na prática', 'Vendas pela internet', 'Como precificar', 'MEI em dia'],
  ['seminario', 'SEM', 'Seminário de inovação', 'Seminário de mercados'],
  ['missao-caravana', 'MIS', 'Missão à feira do empreendedor', 'Caravana do couro e da moda'],
  ['encontro-mediado', 'ENC', 'Encontro de artesãos', 'Encontro de líderes locais'],
  [
    'orientacao-tecnica',
    'ORT',
    'Orientação para abrir um negócio',
    'Orientação em finanças',
    'Orientação em marketing',
  ],
  ['informacao', 'INF', 'Informação sobre serviços', 'Informação sobre o MEI'],
  ['curso', 'CUR', 'Empretec', 'Gestão financeira', 'Liderança', 'Marketing digital', 'Boas práticas em alimentos'],
  ['oficina', 'OFI', 'Oficina de preço', 'Oficina de atendimento', 'Oficina de redes sociais'],
  [
    'curso-autoinstrucional',
    'EAD',
    'Aprender a empreender',
    'Controles financeiros',
    'Vendas on-line',
    'Formação de preço',
    'Boas vendas',
    'Microempreendedor individual',
    'Gestão de pessoas',
    'Plano de negócios',
  ],
  ['jogo', 'JOG', 'Jogo do negócio', 'Desafio da loja', 'Missão empreendedora'],
  ['aplicacao-material-didatico', 'AMD', 'JEPP 5º ano', 'Crescendo e empreendendo', 'Formação de professores'],
  ['consultoria', 'CON', 'Consultoria em finanças', 'Consultoria em processos', 'Sebraetec', 'ALI Produtividade'],
  ['assessoramento', 'ASS', 'Agente de desenvolvimento', 'Assessoramento em crédito'],
  ['feira', 'FEI', 'Feira do empreendedor', 'Salão do artesanato', 'Feira de negócios da região'],
  ['vitrine', 'VIT', 'Vitrine do artesanato', 'Marketplace de pequenos negócios'],
  ['rodada-negocios', 'ROD', 'Rodada com grandes compradores', 'Rodada de crédito'],
  [
    'ferramenta',
    'FER',
    'Diagnóstico empresarial',
    'Canvas digital',
    'Calculadora de preço',
    'Calculadora de capital de giro',
    'Radar de mercado',
    'Autodiagnóstico de maturidade digital',
  ],
  ['formalizacao', 'FOR', 'Formalização do MEI'],
  ['regularizacao', 'REG', 'Declaração anual do MEI', 'Parcelamento e baixa'],
  ['garantia-fampe', 'FAM', 'Garantia do FAMPE'],
];

/** What some solutions say beyond their type and name. */
const DETALHES: Record<string, Partial<SolucaoDemo>> = {
  'CUR-01': { frequenciaMinima: 0.75 },
  'CUR-02': { frequenciaMinima: 0.75 },
  'CUR-03': { frequenciaMinima: 0.5 },
  'OFI-01': { frequenciaMinima: 0.6 },
  'EAD-01': { momentos: { inicio: true, '25': false, '50': false, '75': false, '100': true } },
  'JOG-01': { momentos: { abriu: false, 'fase-1': false, concluiu: true } },
  'JOG-02': { momentos: { abriu: false, concluiu: true } },
  'FER-01': { momentos: { abriu: false, concluiu: true } },
  'FER-02': { momentos: { abriu: false, concluiu: true } },
  'FER-03': { momentos: { abriu: false, concluiu: true } },
  'VIT-01': { momentos: { abriu: false, concluiu: true } },
  'AMD-01': { educacaoEmpreendedora: { publicoAlvo: 'estudante' } },
  'AMD-02': { educacaoEmpreendedora: { publicoAlvo: 'ambos' } },
  'AMD-03': { educacaoEmpreendedora: { publicoAlvo: 'professor' } },
};

/** The solutions: the same for every seed and size, so that another demo over the same data changes none of them. */
export const SOLUCOES: readonly SolucaoDemo[] = LINHAS.flatMap(([tipoSolucao, prefixo, ...nomes]) =>
  nomes.map((nome, n) => {
    const id = `${prefixo}-${String(n + 1).padStart(2, '0')}`;
    return { id, tipoSolucao, nome, ...DETALHES[id] };
  }),
);

const POR_TIPO = Map.groupBy(SOLUCOES, (s) => s.tipoSolucao);
const AUTOMATIZADAS = ['curso-autoinstrucional', 'jogo', 'vitrine', 'ferramenta', 'garantia-fampe'];
const COM_TURMA = SOLUCOES.filter((s) =>
  [
    'palestra',
    'seminario',
    'missao-caravana',
    'encontro-mediado',
    'curso',
    'oficina',
    'feira',
    'rodada-negocios',
  ].includes(s.tipoSolucao),
);
/** Types one signs up for on the portal. */
export const COM_OFERTA_ABERTA = ['palestra', 'curso', 'oficina', 'curso-autoinstrucional', 'consultoria'] as const;
const COM_LISTA = [...COM_TURMA, ...solucoesDe('consultoria')];

/** All solutions of a type: at least one. */
export function solucoesDe(tipo: string): readonly [SolucaoDemo, ...SolucaoDemo[]] {
  const [primeira, ...outras] = POR_TIPO.get(tipo) ?? [];
  if (primeira === undefined) throw new Error(`o catálogo da demonstração não tem ${tipo}`);
  return [primeira, ...outras];
}

/** An offer with its solution. */
export interface Turma {
  oferta: OfertaDemo & { etapas: number };
  solucao: SolucaoDemo;
}

function turma(prefixo: string, solucoes: readonly SolucaoDemo[], semente: number, n: number): Turma {
  // Strides over the types, so that each comes up all along.
  const solucao = solucoes[(n * 5) % solucoes.length] as SolucaoDemo;
  const umDia = ['palestra', 'encontro-mediado', 'rodada-negocios'].includes(solucao.tipoSolucao);
  const oferta = {
    id: `${solucao.id}-${semente}${prefixo}${String(n + 1).padStart(4, '0')}`,
    solucaoId: solucao.id,
    etapas: umDia ? 1 : 2 + (n % 4),
    // One in 20 names no professional, who is then named by whoever closes the offer.
    ...(n % 20 === 13 ? {} : { responsaveis: [{ id: `prof-${n % 90}`, papel: 'instrutor' }] }),
    ...(solucao.tipoSolucao === 'feira' ? { patrocinado: n % 4 === 1 } : {}),
    ...(n % 15 === 4 ? { janelaTardiaDias: 5 } : {}),
  };
  return { oferta, solucao };
}

/** The n-th offer whose presences are read at the door. */
export function turmaComLeitor(semente: number, n: number): Turma {
  return turma('T', COM_TURMA, semente, n);
}

/** The n-th offer consolidated by the system that runs it. */
export function turmaConsolidada(semente: number, n: number): Turma {
  return turma('S', COM_LISTA, semente, n);
}

/** The n-th class of a school. */
export function turmaDeEscola(semente: number, n: number): Turma {
  return turma('E', solucoesDe('aplicacao-material-didatico'), semente, n);
}

/** The offer of an automated solution: one a year. */
export function ofertaDoAno(solucao: SolucaoDemo, ano: number): string {
  return `${solucao.id}-${ano}`;
}

/** How many offers of each sort `eventos` events take. */
export function quantasTurmas(eventos: number): { comLeitor: number; consolidadas: number; escolas: number } {
  const parte = (por: number) => Math.ceil(eventos / por) + 20;
  return { comLeitor: parte(300), consolidadas: parte(330), escolas: parte(300) };
}

/** What a run refers to: of one seed, a larger portfolio contains the smaller; different seeds share no class. */
export function portfolioDaDemo({ semente, eventos }: { semente: number; eventos: number }): {
  solucoes: SolucaoDemo[];
  disponibilizacoes: OfertaDemo[];
} {
  const { comLeitor, consolidadas, escolas } = quantasTurmas(eventos);
  const lista = (quantas: number, qual: (semente: number, n: number) => Turma) =>
    Array.from({ length: quantas }, (_, n) => qual(semente, n).oferta);
  const anuais = SOLUCOES.filter((s) => AUTOMATIZADAS.includes(s.tipoSolucao)).flatMap((s) =>
    [2025, 2026].map((ano) => ({ id: ofertaDoAno(s, ano), solucaoId: s.id })),
  );
  return {
    solucoes: [...SOLUCOES],
    disponibilizacoes: [
      ...anuais,
      ...lista(comLeitor, turmaComLeitor),
      ...lista(consolidadas, turmaConsolidada),
      ...lista(escolas, turmaDeEscola),
    ],
  };
}
