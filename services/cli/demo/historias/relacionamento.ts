import { COM_OFERTA_ABERTA, ofertaDoAno, solucoesDe } from '../catalogo.ts';
import { DIA, type EventoDemo, type Historia, HORA, MINUTO, type Mundo } from '../mundo.ts';

/** A visit to the portal: sign-up or login, and what follows. */
export function visitaAoPortal(mundo: Mundo): Historia {
  const { sorteio, clientes } = mundo;
  const c = clientes.sorteia(sorteio);
  let quando = mundo.comeco(0);
  const base = { unidade: c.unidade, canal: sorteio.chance(0.6) ? 'portal' : 'app' };
  const historia: Historia = [];
  const faz = (tipo: Parameters<Mundo['evento']>[1], data: Record<string, unknown>): EventoDemo => {
    quando += sorteio.inteiro(MINUTO / 4, 10 * MINUTO);
    const e = mundo.evento('portal-sebrae', tipo, quando, { ...base, cliente: mundo.pessoa(c), ...data });
    historia.push(e);
    return e;
  };
  faz(sorteio.chance(0.15) ? 'cadastro' : 'login', {});
  if (sorteio.chance(0.5)) conteudo(mundo, faz);
  if (sorteio.chance(0.4)) compra(mundo, faz);
  return historia;
}

type Faz = (tipo: Parameters<Mundo['evento']>[1], data: Record<string, unknown>) => EventoDemo;

function conteudo({ sorteio }: Mundo, faz: Faz): void {
  const conteudoId = `CT-${sorteio.inteiro(1, 900)}`;
  const acao = sorteio.chance(0.7) ? 'acesso' : 'download';
  if (sorteio.chance(0.25)) {
    const tipoSolucao = 'orientacao-tecnica';
    faz('envio-conteudo', { tipoSolucao, conteudoId, solicitado: sorteio.chance(0.6), canal: 'email' });
    return;
  }
  if (sorteio.chance(0.3)) {
    faz('acesso-conteudo', { tipoSolucao: 'informacao', conteudoId, natureza: 'atracao', acao: 'acesso' });
    return;
  }
  const leitura = { tipoSolucao: 'orientacao-tecnica', conteudoId, natureza: 'tecnico', acao };
  faz('acesso-conteudo', leitura);
  // Read again on the same day: the same delivery.
  if (sorteio.chance(0.2)) faz('acesso-conteudo', { ...leitura, acao: 'download' });
}

function compra(mundo: Mundo, faz: Faz): void {
  const { sorteio } = mundo;
  const solucao = sorteio.escolhe(solucoesDe(sorteio.escolhe(COM_OFERTA_ABERTA)));
  const data = { tipoSolucao: solucao.tipoSolucao, solucaoId: solucao.id };
  faz('visualizacao-oferta', data);
  if (!sorteio.chance(0.6)) return;
  if (sorteio.chance(0.1)) faz('contratacao', { ...data, contratoId: mundo.codigo('PED'), valor: 190 });
  else faz('inscricao', data);
  if (sorteio.chance(0.1)) faz('cancelamento', data);
}

/** A campaign that reaches one person: an e-mail and what became of it, or a call. */
export function campanha(mundo: Mundo): Historia {
  const { sorteio, clientes } = mundo;
  const c = clientes.sorteia(sorteio);
  const envio = mundo.comeco(3);
  const base = { unidade: c.unidade, cliente: mundo.cliente(c) };
  if (sorteio.chance(0.3)) {
    const finalidade = sorteio.escolhe(['pesquisa', 'atualizacao-cadastral', 'divulgacao']);
    const canal = sorteio.escolhe(['telefone', 'whatsapp']);
    const data = { ...base, canal, finalidade, contatoComPessoaCerta: sorteio.chance(0.45) };
    return [mundo.evento('marketing-digital', 'campanha-ativa', envio, data)];
  }
  const historia: Historia = [];
  let quando = envio;
  for (const [acao, chance] of [
    ['envio', 1],
    ['abertura', 0.35],
    ['clique', 0.4],
  ] as const) {
    if (!sorteio.chance(chance)) break;
    historia.push(mundo.evento('marketing-digital', 'email-marketing', quando, { ...base, canal: 'email', acao }));
    quando += sorteio.inteiro(MINUTO, 30 * HORA);
  }
  return historia;
}

/** A FAMPE guarantee, registered by Sebrae Nacional when a bank grants the credit. */
export function garantiaFampe(mundo: Mundo): Historia {
  const { sorteio, clientes } = mundo;
  const solucao = solucoesDe('garantia-fampe')[0];
  const c = clientes.sorteiaComPj(sorteio);
  const quando = mundo.comeco(0);
  const e = mundo.evento('fampe-nacional', 'contratacao', quando, {
    tipoSolucao: solucao.tipoSolucao,
    solucaoId: solucao.id,
    disponibilizacaoId: ofertaDoAno(solucao, new Date(quando - 3 * HORA).getUTCFullYear()),
    unidade: 'NA',
    canal: 'instituicao-financeira',
    contratoId: mundo.codigo('CTR'),
    instituicaoFinanceira: sorteio.escolhe(['Caixa', 'Banco do Brasil', 'Sicredi', 'Sicoob', 'BNB']),
    valor: sorteio.inteiro(5, 150) * 1_000,
    responsavel: { id: 'sebrae-nacional', papel: 'tecnico' },
    cliente: { ...mundo.cliente(c) },
  });
  // Banks send the month's file twice now and then, and cancel some contracts.
  if (sorteio.chance(0.06)) return [e, mundo.relatadoPor('fampe-nacional', e, HORA)];
  return sorteio.chance(0.03) ? [e, mundo.estorno(e, quando + 5 * DIA)] : [e];
}
