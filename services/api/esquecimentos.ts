import { z } from 'zod';
import { cpfValido } from '#domain/documento.ts';
import { type Esquecimentos, estaEncerrado } from '#domain/esquecimento.ts';
import type { Quem } from '#platform/atos.ts';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo, type Guarda } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { quemDe } from '#platform/http/quem.ts';
import { COM_DADOS, problema, SEM_DADOS } from '#platform/http/rotas-de-escrita.ts';
import type { Servidor } from '#platform/http/servidor.ts';

/** What forgetting stands on. */
export interface DoEsquecimento {
  esquecimentos: Pick<Esquecimentos, 'nomeAtual' | 'de' | 've' | 'trocas'>;
  apuracoes: { readonly emVigor: number };
  /** Orders it, or finds the order that has not ended. @returns its number; null: nothing is held of the person */
  esquece: (cpf: string, quem: Quem) => Promise<number | null>;
}

/** The line may be behind, and what was set aside, of no account, stands in the log alone. */
const NADA =
  'não há nada desta pessoa no que já foi decidido nem na quarentena, e nada foi escrito; o que ainda não foi decidido não ' +
  'se vê aqui: `atendido forget` procura no log inteiro';

const OPERACAO: Papel[] = ['operacao'];

const situacao = z.object({
  esquecimento: z.number().int().describe('o número da ordem'),
  estado: z
    .enum(['em-vigor', 'encerrado'])
    .describe('em-vigor: a linha termina por si em instantes; encerrado: não há mais nada da pessoa no estado'),
  desde: z.string().describe('ISO 8601: o que aconteceu antes e chegar daqui em diante não conta'),
});

function situacaoDe(numero: number, { esquecimentos, apuracoes }: DoEsquecimento): z.infer<typeof situacao> {
  const um = esquecimentos.de(numero);
  if (um === undefined || um.desde === null) {
    throw new ErroHttp('ESQUECIMENTO_DESCONHECIDO', 'não há esquecimento com este número');
  }
  const encerrado = estaEncerrado(um, apuracoes.emVigor);
  const estado = encerrado ? 'encerrado' : 'em-vigor';
  return { esquecimento: numero, estado, desde: new Date(um.desde).toISOString() };
}

/** Forgetting a person (LGPD): the order, and how far it has come. The CPF is in the body, and nowhere else. */
export function rotasDeEsquecimento(app: Servidor, exigeQuem: Guarda<DoEsquecimento>): void {
  const tags = ['privacidade'];
  app.route({
    method: 'POST',
    url: '/v1/esquecimentos',
    schema: {
      tags,
      summary: 'Esquece uma pessoa (LGPD, art. 18, VI)',
      description:
        'Papel: operacao. Não há volta. Responde quando a ordem está em vigor; a linha a encerra por si em instantes. Só ' +
        'um CPF: um CNPJ é público. 404 é do que já foi decidido e da quarentena; `atendido forget` procura no log inteiro.',
      body: z.strictObject({ cpf: z.string().min(11).max(14) }),
      response: { 202: situacao, ...COM_DADOS, 404: problema, 409: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, OPERACAO),
    handler: async (request, reply) => {
      const doEsquecimento = exigeQuem(request, OPERACAO);
      const { cpf } = request.body;
      if (!cpfValido(cpf)) throw new ErroHttp('CPF_INVALIDO', 'informe em cpf um CPF: um CNPJ não se esquece');
      const numero = await doEsquecimento.esquece(cpf, quemDe(request, doEsquecimento.credencial));
      if (numero === null) throw new ErroHttp('CLIENTE_NAO_ENCONTRADO', NADA);
      return reply.code(202).send(situacaoDe(numero, doEsquecimento));
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/esquecimentos/:numero',
    schema: {
      tags,
      summary: 'Onde está uma ordem de esquecimento',
      description: 'Papel: operacao.',
      params: z.object({ numero: z.coerce.number().int().min(1).max(2_147_483_647) }),
      response: { 200: situacao, ...SEM_DADOS, 400: problema, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, OPERACAO),
    handler: async (request) => situacaoDe(request.params.numero, exigeQuem(request, OPERACAO)),
  });
}
