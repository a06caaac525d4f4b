import { EXPLICACAO } from './explicacao.ts';
import type { Formato } from './exportacao.ts';

/** One JSON object, its records as they come: `{explicacao, cliente, geradaEm, situacao, presencas, registros, total}`. */
export function emJson(): Formato {
  let primeiro = true;
  return {
    abre: (abertura) => {
      const campos = JSON.stringify({ explicacao: EXPLICACAO, ...abertura }, null, 2);
      return `${campos.slice(0, campos.lastIndexOf('\n}'))},\n  "registros": [`;
    },
    registro: (registro) => {
      const inicio = primeiro ? '\n    ' : ',\n    ';
      primeiro = false;
      return inicio + JSON.stringify(registro);
    },
    fecha: (total) => `${primeiro ? '' : '\n  '}],\n  "total": ${total}\n}\n`,
  };
}
