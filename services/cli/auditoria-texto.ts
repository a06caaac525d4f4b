import { estadoDeVersaoAnterior } from '#platform/estado/forma.ts';
import type { Auditoria, Diferenca } from './auditoria.ts';
import { linhasDasDiferencas, numero } from './formato.ts';

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
  if (a.semDias) {
    const { code, message } = estadoDeVersaoAnterior();
    linhas.push(`Clientes por dia não foram comparados. ${code}: ${message}.`);
  }
  const lados = ({ redis, recontagem }: Diferenca): [string, unknown][] => [
    ['no Redis:     ', redis],
    ['na recontagem:', recontagem],
  ];
  linhas.push(...linhasDasDiferencas(diferencas, lados));
  return linhas.join('\n');
}
