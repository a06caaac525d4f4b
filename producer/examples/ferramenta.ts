import { Produtor, transporteHttp } from '#producer/index.ts';

const { ATENDIDO_URL: url = '', ATENDIDO_CHAVE: chave = '' } = process.env;
const produtor = new Produtor({ source: 'calculadora', transporte: transporteHttp({ url, chave }) });

const resultado = await produtor.send({
  tipo: 'momento-digital',
  id: 'sessao-42/resultado',
  time: new Date(),
  data: {
    tipoSolucao: 'ferramenta',
    solucaoId: 'FE-1',
    sessaoId: 'sessao-42',
    unidade: 'MG',
    canal: 'portal',
    cliente: { pf: { cpf: '529.982.247-25' }, pj: { cnpj: '11.222.333/0001-81' } },
    momento: 'resultado',
  },
});
console.log(JSON.stringify(resultado));
await produtor.close();
