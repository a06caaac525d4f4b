/** How long a change of key takes where so many people are known: `node bench/troca.ts [people]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pseudonimizador } from '#domain/documento.ts';
import { chaveDeParticao, INTERACAO_VAZIA } from '#domain/interacao.ts';
import { codecFor } from '#platform/codec.ts';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { startLine } from '../test/line/line.ts';

const PESSOAS = Number(process.argv[2] ?? 1_000_000);
const LOTE = 5_000;
const PESSOA = '52998224725';
const ANTERIOR = 'a-chave-que-esta-em-uso-na-linha';
const CHAVES = { CLIENT_ID_KEY: 'a-chave-que-vem-depois-dessa-uma', CLIENT_ID_KEY_ANTERIOR: ANTERIOR };
/** Any text is named as a CPF is. */
const nomeia = pseudonimizador(ANTERIOR);
const CONSULTORIA = {
  ...{ ...INTERACAO_VAZIA, source: 'crm', tipoInteracao: 'atendimento', unidade: 'SP', canal: 'agencia' },
  ...{ tipoSolucao: 'consultoria', solucaoId: 'CON', duracaoMin: 90, time: Date.parse('2026-03-02T10:15:00-03:00') },
};

Object.assign(process.env, CHAVES);
const line = await startLine(CHAVES);
try {
  const codec = await codecFor(line.registry, 'interacoes');
  const registro = (n: number) => {
    const cliente = { pf: nomeia(n === 0 ? PESSOA : `pessoa ${n}`), pj: null, naoIdentificado: null };
    const i = { ...CONSULTORIA, id: `e-${n}`, cliente };
    return { topic: 'interacoes', key: chaveDeParticao(i), value: codec.encode(i) };
  };
  for (let de = 0; de < PESSOAS; de += LOTE) {
    await line.producer.send(Array.from({ length: Math.min(LOTE, PESSOAS - de) }, (_, n) => registro(de + n)));
  }
  const args = ['key-change', '--pessoa', PESSOA, '--por', 'bench', '--json'];
  const cli = [join(PROJECT_ROOT, 'services/cli/main.ts'), ...args];
  const processo = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...cli], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(processo, 'close');
} finally {
  await line.stop();
}
