/** Sends interactions to atendido: `new Produtor({ source, transporte })`, by HTTP or straight to Kafka. */
export type { CloudEvent, DadosDe, Evento, EventoDe } from './evento.ts';
export { type OpcoesHttp, transporteHttp } from './http.ts';
export { type OpcoesKafka, transporteKafka } from './kafka.ts';
export { type OpcoesDoProdutor, Produtor } from './produtor.ts';
export { type Aviso, comReserva, type OpcoesDaReserva } from './reserva.ts';
export type { Resultado, Transporte } from './transporte.ts';
