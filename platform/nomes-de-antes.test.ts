import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { TrocasDeChave } from '#domain/troca-de-chave.ts';
import { Nomes } from './nomes.ts';
import { LeituraDasTrocas } from './trocas.ts';

/** Pieces of a filter are long, and nearly all zeros. */
const FILTRO =
  'H4sIAAAAAAAAA-3OQQ3AIBAEQJrw4FkJlYI0pKPispdmRsGM0cuTDgDNvekAQJ0vHQCos9MBoLuZDgDUWekA0NxJB4BfuS37FQQAIAAA';
/** The topic as a version that knew of one change only wrote it, one being in force. */
const ESCRITOS: [string, string | Buffer][] = [
  ['filtro:chave-em-uso:0', 'wxleeZWcBxNI630msm1wKo'],
  ['filtro:t-1:0', gunzipSync(Buffer.from(FILTRO, 'base64url'))],
  [
    'troca',
    '{"estado":"anunciada","id":"t-1","por":"ana","em":1796036816094,"anterior":"wxleeZWcBxNI630msm1wKo","nova":"r4Y9iH_qWzNVki5w_XJ3Bl"}',
  ],
  [
    'troca',
    '{"id":"t-1","por":"ana","em":1796036816095,"anterior":"wxleeZWcBxNI630msm1wKo","nova":"r4Y9iH_qWzNVki5w_XJ3Bl","estado":"em-vigor","filtro":{"pedacos":1,"sha256":"OuMIdZW_uK5bRYj3hfO1GA-M3QvZyggTjew5A9ioc3o"},"cauda":["pf:yEEF-ApLDpIvLujZX_5LSC"],"interacoes":[7],"presencas":[9]}',
  ],
];
/** And the names that it gave. */
const NOMES: Record<string, string[]> = {
  52998224725: ['pf:u78VVyW0Sdxz0rezbPdy8m', 'pf:bhJxeayXFs_I_zM1g5tnyI', 'pf:bhJxeayXFs_I_zM1gK4A1S'],
  11144477735: ['pf:yEEF-ApLDpIvLujZX_5LSC', 'pf:0yI-ANL2ms_dDPzsz8p8J6', 'pf:0yI-ANL2ms_dDPzszJR4bz'],
  39053344705: ['pf:myYf0A8bRFpx09lRI7XDdx', 'pf:YbkgvgBxpFZGcMlMxo2n3R', 'pf:myYf0A8bRFpx09lRIQ9Mwp'],
};

test('an installation whose key a former version changed once names everybody as it did', () => {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  for (const [key, value] of ESCRITOS) leitura.recebe({ key: Buffer.from(key), value: Buffer.from(value) });
  const chaves = { clientIdKey: 'a-chave-de-depois-da-troca', clientIdKeyAnterior: 'a-chave-de-antes-da-troca' };
  const nomes = new Nomes(chaves, trocas);
  for (const [cpf, todos] of Object.entries(NOMES)) expect(nomes.todos(cpf)).toEqual(todos);
  expect(trocas.emVigor?.limites).toEqual({ interacoes: [7], presencas: [9] });
});
