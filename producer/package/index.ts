/** What `import 'atendido-producer'` gives: by HTTP, with a reserve on disk. Straight to Kafka: `atendido-producer/kafka`. */
export type { CloudEvent, DadosDe, Evento, EventoDe } from '../evento.ts';
export { type OpcoesHttp, transporteHttp } from '../http.ts';
export { type OpcoesDoProdutor, Produtor } from '../produtor.ts';
export { type Aviso, comReserva, type OpcoesDaReserva } from '../reserva.ts';
export type { Resultado, Transporte } from '../transporte.ts';
