/** What the person is told before the data; one paragraph an item. */
export const EXPLICACAO: readonly string[] = [
  'Este documento traz tudo o que o sistema atendido, do Sebrae, guarda de você: é a resposta ao direito de acesso aos ' +
    'dados e à sua portabilidade (Lei Geral de Proteção de Dados, Lei nº 13.709/2018, art. 18, incisos II e V).',
  'O sistema recebe dos outros sistemas do Sebrae o que aconteceu (um curso começado, uma palestra assistida, uma ' +
    'consultoria) e decide, por regras públicas, se isso conta como atendimento. Ele não guarda o seu nome, o seu ' +
    'endereço nem o seu CPF: no lugar do CPF há um código, o do início deste documento, que não se desfaz sem uma chave ' +
    'secreta. O CNPJ de uma empresa é público e aparece.',
  'Um mesmo fato aparece mais de uma vez, porque passa por várias etapas: como foi recebido, como foi decidido e como ' +
    'entrou nas contas. De cada registro se diz onde está guardado (tópico/partição/posição) e quando foi recebido.',
  'O que é de outras pessoas não aparece: de uma lista de presença vem só a sua linha, e do profissional que atendeu, só ' +
    'o papel. Um registro que não pôde ser lido é apontado, sem o conteúdo.',
];
