import { comReserva, Produtor, transporteHttp } from '#producer/index.ts';

const { ATENDIDO_URL: url = '', ATENDIDO_CHAVE: chave = '', RESERVA = 'reserva', RESERVA_SEGREDO = '' } = process.env;
const transporte = await comReserva(transporteHttp({ url, chave, pacienciaMs: 2_000 }), {
  pasta: RESERVA,
  segredo: RESERVA_SEGREDO,
  avisa: (aviso) => console.error(JSON.stringify(aviso)),
});
const produtor = new Produtor({ source: 'lms-ead', transporte });

const cliente = { pf: { cpf: '529.982.247-25' } };
const curso = {
  tipoSolucao: 'curso-autoinstrucional',
  solucaoId: 'CA-100',
  matriculaId: 'M-1',
  unidade: 'SP',
} as const;
for (const momento of ['inicio', '25', '50', '75', '100']) {
  const data = { ...curso, canal: 'ead', cliente, momento };
  const resultado = produtor.send({ tipo: 'momento-digital', id: `M-1/${momento}`, time: new Date(), data });
  resultado.then((r) => console.log(JSON.stringify(r)));
}
await produtor.close();
await transporte.fecha();
