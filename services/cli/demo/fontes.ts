import type { TipoInteracao } from '#domain/interacao.ts';

export type Transporte = 'http' | 'kafka';

/** A producing system: what it sends, and by which door it prefers to. */
export interface Fonte {
  descricao: string;
  transporte: Transporte;
  tipos: readonly TipoInteracao[];
}

/** The systems of the demo. About half of the events go in by each door. */
export const FONTES = {
  'lms-ead': {
    descricao: 'Ambiente de cursos a distância',
    transporte: 'http',
    tipos: ['momento-digital', 'abandono', 'estorno'],
  },
  'plataforma-digital': {
    descricao: 'Ferramentas, jogos e vitrines',
    transporte: 'kafka',
    tipos: ['momento-digital', 'estorno'],
  },
  'crm-atendimento': {
    descricao: 'CRM do atendimento',
    transporte: 'http',
    tipos: ['atendimento', 'agendamento', 'ausencia', 'cancelamento', 'contato-improcedente', 'estorno'],
  },
  'crm-regional': {
    descricao: 'Sistema próprio de uma unidade, que relata o que outro já relatou',
    transporte: 'kafka',
    tipos: ['atendimento', 'consolidacao-participacao', 'momento-digital'],
  },
  'leitor-presenca': {
    descricao: 'Leitores de presença',
    transporte: 'kafka',
    tipos: ['check-in', 'estorno'],
  },
  'gestao-eventos': {
    descricao: 'Gestão de eventos e turmas',
    transporte: 'http',
    tipos: ['consolidacao-disponibilizacao', 'consolidacao-participacao', 'ausencia', 'estorno'],
  },
  'portal-sebrae': {
    descricao: 'Portal, aplicativo e conteúdos',
    transporte: 'kafka',
    tipos: [
      'cadastro',
      'login',
      'visualizacao-oferta',
      'inscricao',
      'cancelamento',
      'acesso-conteudo',
      'envio-conteudo',
      'contratacao',
    ],
  },
  'marketing-digital': {
    descricao: 'Campanhas e e-mail marketing',
    transporte: 'kafka',
    tipos: ['email-marketing', 'campanha-ativa'],
  },
  'jepp-escolas': {
    descricao: 'Educação empreendedora nas escolas',
    transporte: 'http',
    tipos: ['consolidacao-participacao', 'consolidacao-disponibilizacao'],
  },
  'fampe-nacional': {
    descricao: 'Garantias do FAMPE, do Sebrae Nacional',
    transporte: 'http',
    tipos: ['contratacao', 'estorno'],
  },
} as const satisfies Record<string, Fonte>;

export type NomeDaFonte = keyof typeof FONTES;
