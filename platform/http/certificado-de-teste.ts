import { createSign, generateKeyPairSync } from 'node:crypto';

const der = (tag: number, ...partes: Buffer[]): Buffer => {
  const corpo = Buffer.concat(partes);
  const n = corpo.length;
  const tamanho = n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
  return Buffer.concat([Buffer.from([tag, ...tamanho]), corpo]);
};
const seq = (...partes: Buffer[]): Buffer => der(0x30, ...partes);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

const ECDSA_COM_SHA256 = seq(oid('2a8648ce3d040302'));
const NOME = seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from('atendido de teste')))));
const DIA_MS = 86_400_000;
/** `20260101000000Z`, without fractions. */
const instante = (ms: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`));

/** A certificate for 127.0.0.1 signed by itself, of a day, and its key: PEM. */
export function certificadoDeTeste(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const nomes = seq(der(0x87, Buffer.from([127, 0, 0, 1])));
  const conteudo = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA_COM_SHA256,
    NOME,
    seq(instante(Date.now() - DIA_MS), instante(Date.now() + DIA_MS)),
    NOME,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(seq(oid('551d11'), der(0x04, nomes)))),
  );
  const assinatura = createSign('sha256').update(conteudo).sign(privateKey);
  const cert = seq(conteudo, ECDSA_COM_SHA256, der(0x03, Buffer.from([0]), assinatura));
  const linhas = cert.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${linhas}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
