import type { Auditoria } from './auditoria.ts';

const NO_MAXIMO = 20;
const numero = (n: number): string => n.toLocaleString('pt-BR');

/** An audit's verdict, for a person. */
export function textoDaAuditoria({ diferencas, ...a }: Auditoria): string {
  const linhas = [
    `Recontados ${numero(a.registros)} registros em ${a.segundos.toFixed(1).replace('.', ',')} s: ` +
      `${numero(a.clientes)} clientes e ${numero(a.contadores)} contadores comparados.`,
  ];
  if (a.aguardandoReplay > 0) {
    linhas.push(
      `${numero(a.aguardandoReplay)} em quarentena pelo portfólio de antes, que hoje seriam decididos (veja quarantine).`,
    );
  }
  if (a.copiasDeOutroCliente > 0) {
    const quantas = numero(a.copiasDeOutroCliente);
    linhas.push(`${quantas} cópias de eventos trazem outro cliente que a primeira: corrija o id na origem.`);
  }
  if (diferencas.length === 0) return [...linhas, 'Nenhuma diferença.'].join('\n');
  linhas.push(`${numero(diferencas.length)} DIFERENÇAS:`);
  for (const d of diferencas.slice(0, NO_MAXIMO)) {
    linhas.push(`  ${d.onde} ${d.chave}`);
    linhas.push(`    no Redis:      ${JSON.stringify(d.redis)}`);
    linhas.push(`    na recontagem: ${JSON.stringify(d.recontagem)}`);
  }
  if (diferencas.length > NO_MAXIMO) linhas.push(`  … e mais ${numero(diferencas.length - NO_MAXIMO)} (--json)`);
  return linhas.join('\n');
}
